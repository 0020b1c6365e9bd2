package engine

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// variable matches the path of an element of a container's environment, or of something in it.
var variable = regexp.MustCompile(`^(.+\.env)\[(\d+)\](.*)$`)

// named replaces the index of an environment variable in a path by the variable's name: env["NAME"].value. A plan with indices would change
// with every variable that sorts before.
func named(path string, m apitype.StepEventMetadata) string {
	match := variable.FindStringSubmatch(path)
	if match == nil {
		return path
	}
	for _, state := range []*apitype.StepEventStateMetadata{m.New, m.Old} {
		if state == nil {
			continue
		}
		if entry, ok := walk(state.Inputs, match[1]+"["+match[2]+"]").(map[string]any); ok {
			return fmt.Sprintf("%s[%q]%s", match[1], entry["name"], match[3])
		}
	}
	return path
}

// walk returns what is at a path such as a.b[0].c, or nil.
func walk(value any, path string) any {
	for _, step := range strings.FieldsFunc(path, func(r rune) bool { return strings.ContainsRune(".[]", r) }) {
		switch node := value.(type) {
		case map[string]any:
			value = node[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(node) {
				return nil
			}
			value = node[i]
		default:
			return nil
		}
	}
	return value
}
