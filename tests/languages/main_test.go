package languages

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
)

func TestMain(m *testing.M) {
	for _, program := range []string{
		"pulumi", "pulumi-language-go", "pulumi-language-nodejs", "pulumi-language-yaml", "node", "npm", "mypy",
	} {
		if _, err := exec.LookPath(program); err != nil || os.Getenv("KUBECONFIG") == "" {
			fmt.Fprintf(os.Stderr, "tests/languages: these tests need %s and $KUBECONFIG; fix: make test-languages\n", program)
			os.Exit(1)
		}
	}
	os.Exit(m.Run())
}
