package config

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/agext/levenshtein"
	"gopkg.in/yaml.v3"
)

// readFile reads a stack's file. It returns nil if the file does not exist or cannot be read: the engine has read the file already, perhaps
// from another place (--config-file), and has reported what is wrong with it.
func readFile(path string) map[string]any {
	var file struct {
		Config map[string]any `yaml:"config"`
	}
	text, err := os.ReadFile(path)
	if err != nil || yaml.Unmarshal(text, &file) != nil {
		return nil
	}
	return file.Config
}

// overwritten reports keys that have a text or a list in the stack's file, and should have an object. The engine replaces such a value by
// an object of the defaults before the program sees it, so v has defaults for all keys below.
func (s Schema) overwritten(raw *Raw, v values) []Problem {
	var problems []Problem
	for full, value := range raw.File {
		name, ours := strings.CutPrefix(full, raw.Project+":")
		if keys := s.below(name); ours && len(keys) > 0 && value != nil && !holdsKeys(value) && !s.anyChanged(keys, v) {
			problems = append(problems, s.noObject(name, value, keys))
		}
	}
	return problems
}

func (s Schema) noObject(name string, value any, keys []string) Problem {
	p := Problem{
		Key: name, Found: "one value, which the defaults replace", Want: "an object: " + strings.Join(keys, ", "),
		Fix: remove(name) + " && " + set(name+".KEY", "VALUE"),
	}
	switch value.(type) {
	case bool, string, int, float64:
		text, key := fmt.Sprint(value), name+".KEY"
		if _, err := strconv.ParseBool(text); err == nil && slices.Contains(keys, name+".enabled") {
			key = name + ".enabled"
		}
		p.Found = strconv.Quote(text) + ", which the defaults replace"
		p.Fix = remove(name) + " && " + set(key, quoted(text))
	}
	return p
}

// below returns the keys of an object in alphabetical order, such as "database.mode" of "database".
func (s Schema) below(name string) []string {
	return slices.DeleteFunc(s.Keys(), func(key string) bool { return !strings.HasPrefix(key, name+".") })
}

func (s Schema) anyChanged(keys []string, v values) bool {
	return slices.ContainsFunc(s.changed(v), func(key string) bool { return slices.Contains(keys, key) })
}

// holdsKeys reports whether a value of a stack's file is an object of keys. An encrypted text is written as one with the key "secure".
func holdsKeys(value any) bool {
	object, ok := value.(map[string]any)
	_, secure := object["secure"].(string)
	return ok && (!secure || len(object) > 1)
}

// misplaced reports keys under a name that is not the project's, which nothing reads. Other names are allowed, because packages and
// the engine have settings of their own (kubernetes:context, aws:profile). A key is considered one of this project if its prefix is a
// typing error away from the project's name, or if no package is likely to have such a key.
func (s Schema) misplaced(raw *Raw) []Problem {
	var problems []Problem
	for full, text := range raw.Values {
		project, name, _ := strings.Cut(full, ":")
		if project == raw.Project || project == "pulumi" || project == "kubernetes" {
			continue
		}
		known := s.has(name)
		if distance := levenshtein.Distance(strings.ToLower(project), strings.ToLower(raw.Project), nil); distance > 2 &&
			(!known || !s.isDistinctive(name, text)) {
			continue
		}
		problem := Problem{
			Key: name, Found: "set as " + full + ", which nothing reads",
			Want: "the name of this project, as in " + raw.Project + ":" + name,
			Fix:  fmt.Sprintf(`sed -i 's/^\( *\)%s:/\1%s:%s:/' %s`, full, raw.Project, name, raw.file()),
		}
		if _, twice := raw.File[raw.Project+":"+name]; twice || !known {
			problem.Fix = remove(full)
		}
		problems = append(problems, problem)
	}
	return problems
}

// has reports whether name is a key or an object of keys.
func (s Schema) has(name string) bool {
	_, known := s[name]
	return known || s.isObject(name)
}

// isDistinctive reports whether only this project is likely to have a key: its name has several words, or its value is an object of
// this project's keys.
func (s Schema) isDistinctive(name, text string) bool {
	if strings.ContainsFunc(name, unicode.IsUpper) {
		return true
	}
	object, _ := decodeObject(text)
	for key := range object {
		if !s.has(name + "." + key) {
			return false
		}
	}
	return len(object) > 0
}
