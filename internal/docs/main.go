package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Where the documents lie in the checkout.
const (
	readmeFile    = "README.md"
	operatingFile = "docs/operating.md"
	treeFile      = "docs/images/tree.svg"
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

// generate returns every document that has a generated part, as it should be, by its path in the checkout root.
func generate(root string) (map[string][]byte, error) {
	project, err := os.ReadFile(filepath.Join(root, projectFile))
	if err != nil {
		return nil, err
	}
	readme, err := os.ReadFile(filepath.Join(root, readmeFile))
	if err != nil {
		return nil, err
	}
	table, err := settingsTable(project)
	if err != nil {
		return nil, err
	}
	if readme, err = between(readme, "config", table); err != nil {
		return nil, fmt.Errorf("%s: %w", readmeFile, err)
	}
	operating, err := os.ReadFile(filepath.Join(root, operatingFile))
	if err != nil {
		return nil, err
	}
	if operating, err = between(operating, "profiles", profilesTable()); err != nil {
		return nil, fmt.Errorf("%s: %w", operatingFile, err)
	}
	tree, err := resourceTree(project)
	if err != nil {
		return nil, err
	}
	return map[string][]byte{readmeFile: readme, operatingFile: operating, treeFile: []byte(draw(tree))}, nil
}

// between puts text between the two comments that mark the generated part of that name in a Markdown document.
func between(document []byte, name, text string) ([]byte, error) {
	begin, end := fmt.Sprintf("<!-- %s:begin -->", name), fmt.Sprintf("<!-- %s:end -->", name)
	head, rest, hasBegin := bytes.Cut(document, []byte(begin))
	_, tail, hasEnd := bytes.Cut(rest, []byte(end))
	if !hasBegin || !hasEnd {
		return nil, fmt.Errorf("put the lines %s and %s where the generated part belongs", begin, end)
	}
	return fmt.Appendf(nil, "%s%s\n%s%s%s", head, begin, text, end, tail), nil
}
