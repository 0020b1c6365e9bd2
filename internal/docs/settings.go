package main

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// settingsTable returns the project's settings as a Markdown table, in the order of Pulumi.yaml.
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
	secret := secrets()
	fmt.Fprint(&table, "| key | type | default | meaning |\n| --- | --- | --- | --- |\n")
	for i := 0; i < len(project.Config.Content); i += 2 { // a mapping's content is key, value, key, value, …
		name := project.Config.Content[i].Value
		if key, ours := schema[name]; ours {
			kind := key.Type()
			if secret[name] {
				kind += ", **secret**"
			}
			fmt.Fprintf(&table, "| `%s` | %s | %s | %s |\n", name, kind, code(defaultOf(key)), cell(key.Description))
		}
	}
	return table.String(), nil
}

// secrets returns the keys that must be encrypted.
func secrets() map[string]bool {
	keys := map[string]bool{}
	for _, d := range config.Declared() {
		keys[d.Key] = d.Secret
	}
	return keys
}

// defaultOf returns a default as a stack's file has it. An empty list is left out, as an empty text is.
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

// cell escapes what would end the table's cell or row.
func cell(text string) string {
	return strings.NewReplacer("|", `\|`, "\n", " ").Replace(strings.TrimSpace(text))
}
