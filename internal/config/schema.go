package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Schema is the `config:` section of Pulumi.yaml: every key that a stack may set. A dotted key is a path into an object, as in
// `pulumi config set --path`.
type Schema map[string]Key

// Key is one entry of the schema. Pulumi.yaml declares no types: the engine would report the first value of another type and nothing else.
type Key struct {
	Default     any    `yaml:"default"`
	Description string `yaml:"description"`
}

// ParseSchema reads the keys of the project's own namespace from the text of a Pulumi.yaml.
// It fails if a key has no default or description, or declares a type.
func ParseSchema(pulumiYAML []byte) (Schema, error) {
	var project struct {
		Config map[string]struct {
			Key   `yaml:",inline"`
			Type  string `yaml:"type"`
			Items any    `yaml:"items"`
		} `yaml:"config"`
	}
	if err := yaml.Unmarshal(pulumiYAML, &project); err != nil {
		return nil, fmt.Errorf("reading Pulumi.yaml: %w", err)
	}
	schema := make(Schema, len(project.Config))
	for name, key := range project.Config {
		switch {
		case strings.Contains(name, ":"): // of the engine
		case key.Description == "" || key.Key.Type() == "":
			return nil, fmt.Errorf("config key %s in Pulumi.yaml needs a description and a default", name)
		case key.Type != "" || key.Items != nil:
			return nil, fmt.Errorf("config key %s in Pulumi.yaml must not declare a type, see Key", name)
		default:
			schema[name] = key.Key
		}
	}
	return schema, nil
}

// Keys returns the names of all keys in alphabetical order.
func (s Schema) Keys() []string { return slices.Sorted(maps.Keys(s)) }

// Type returns the type of a key's values, which is that of its default: string, integer, boolean, or array of strings.
func (k Key) Type() string {
	switch k.Default.(type) {
	case string:
		return "string"
	case int:
		return "integer"
	case bool:
		return "boolean"
	case []any:
		return "array"
	default:
		return ""
	}
}

// isObject reports whether name is an object with keys, such as "database" with "database.mode".
func (s Schema) isObject(name string) bool {
	for key := range s {
		if strings.HasPrefix(key, name+".") {
			return true
		}
	}
	return false
}
