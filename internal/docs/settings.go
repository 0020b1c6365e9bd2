package main

import (
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// settingsTable is the project's settings as a Markdown table, in the order of Pulumi.yaml.
func settingsTable(pulumiYAML []byte) (string, error) {
	schema, err := config.ParseSchema(pulumiYAML)
	if err != nil {
		return "", err
	}
	var project struct {
		Config yaml.Node `yaml:"config"`
	}
	if err := yaml.Unmarshal(pulumiYAML, &project); err != nil {
		return "", err
	}
	var table strings.Builder
	fmt.Fprint(&table, "| key | type | default | meaning |\n| --- | --- | --- | --- |\n")
	for i := 0; i < len(project.Config.Content); i += 2 { // a mapping's content is key, value, key, value, …
		name := project.Config.Content[i].Value
		if key, ours := schema[name]; ours {
			fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n",
				name, typeOf(pulumiYAML, name, key), code(defaultOf(key)), cell(key.Description))
		}
	}
	return table.String(), nil
}

func typeOf(pulumiYAML []byte, name string, key config.Key) string {
	if isSecret(pulumiYAML, name) {
		return key.Type + ", **secret**"
	}
	return key.Type
}

// isSecret reports whether a setting must be encrypted: whether the program finds more wrong with it in clear text.
func isSecret(pulumiYAML []byte, name string) bool {
	return problems(pulumiYAML, name, false) > problems(pulumiYAML, name, true)
}

// problems counts what the program finds wrong with a setting of some text.
func problems(pulumiYAML []byte, name string, encrypted bool) int {
	_, err := config.Load(pulumiYAML, &config.Raw{
		Project: projectName, Stack: stackName,
		Values: map[string]string{projectName + ":" + name: "some text"},
		Secret: map[string]bool{projectName + ":" + name: encrypted},
	})
	var found *config.Problems
	if !errors.As(err, &found) {
		return 0
	}
	count := 0
	for _, problem := range found.List {
		if problem.Key == name {
			count++
		}
	}
	return count
}

// defaultOf is a default as a stack's file has it; that of a list without items is left out, as that of a text without letters is.
func defaultOf(key config.Key) string {
	items, list := key.Default.([]any)
	if !list {
		return fmt.Sprint(key.Default)
	}
	return strings.Join(strings.Fields(strings.Trim(fmt.Sprint(items), "[]")), ", ")
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + cell(text) + "`"
}

// cell is text that ends neither the table's cell nor its row.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(strings.TrimSpace(text))
}
