package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Paths of the documents in the checkout.
const (
	settingsFile  = "docs/settings.md"
	operatingFile = "docs/operating.md"
	securityFile  = "docs/security.md"
	treeFile      = "docs/images/tree.svg"
	schemaFile    = "internal/plugin/schema.json"
	projectFile   = "Pulumi.yaml"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "docs:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: docs CHECKOUT (make docs calls it)")
	}
	documents, err := generate(args[0])
	if err != nil {
		return err
	}
	for name, text := range documents {
		if err := os.WriteFile(filepath.Join(args[0], name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// generate returns every document that has a generated part, up to date, by its path in the checkout.
func generate(root string) (map[string][]byte, error) {
	project, err := os.ReadFile(filepath.Join(root, projectFile))
	if err != nil {
		return nil, err
	}
	settings, err := settingsTable(project)
	if err != nil {
		return nil, err
	}
	connections, err := connectionsTable()
	if err != nil {
		return nil, err
	}
	documents := make(map[string][]byte)
	for _, part := range []struct{ file, name, text string }{
		{settingsFile, "config", settings},
		{operatingFile, "profiles", profilesTable()},
		{securityFile, "connections", connections},
	} {
		document, err := os.ReadFile(filepath.Join(root, part.file))
		if err != nil {
			return nil, err
		}
		if documents[part.file], err = between(document, part.name, part.text); err != nil {
			return nil, fmt.Errorf("%s: %w", part.file, err)
		}
	}
	tree, err := resourceTree(project)
	if err != nil {
		return nil, err
	}
	documents[treeFile] = []byte(draw(tree))
	documents[schemaFile], err = schema(root)
	return documents, err
}

// between replaces the text between the two comments that mark the generated part of that name in a Markdown document.
func between(document []byte, name, text string) ([]byte, error) {
	begin, end := fmt.Sprintf("<!-- %s:begin -->", name), fmt.Sprintf("<!-- %s:end -->", name)
	head, rest, hasBegin := bytes.Cut(document, []byte(begin))
	_, tail, hasEnd := bytes.Cut(rest, []byte(end))
	if !hasBegin || !hasEnd {
		return nil, fmt.Errorf("put the lines %s and %s where the generated part belongs", begin, end)
	}
	return fmt.Appendf(nil, "%s%s\n%s%s%s", head, begin, text, end, tail), nil
}
