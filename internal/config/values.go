package config

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Raw is the configuration as the engine passes it to a program. Its Capture is a [pulumi.RunOption].
type Raw struct {
	Project string
	Stack   string
	Values  map[string]string // by full key, such as "mediawiki:replicas"; an object's value is JSON
	Secret  map[string]bool   // the full keys whose values are encrypted in the stack's file
	File    map[string]any    // the stack's file by full key; nil if the working directory has none

	Deployed bool // whether the stack has a wiki already, which the program reads from its state
}

// Capture copies the configuration. The SDK offers only single keys by name, and finding unknown keys takes all of them.
func (r *Raw) Capture(info *pulumi.RunInfo) {
	r.Project, r.Stack, r.Values = info.Project, info.Stack, info.Config
	r.Secret = make(map[string]bool, len(info.ConfigSecretKeys))
	for _, key := range info.ConfigSecretKeys {
		r.Secret[key] = true
	}
	r.File = readFile(r.file())
}

// isSecret reports whether a key, or the object that it belongs to, has an encrypted value.
func (r *Raw) isSecret(key string) bool {
	top, _, _ := strings.Cut(key, ".")
	return r.Secret[r.Project+":"+top]
}

// values has every key of the schema, with a value of its type.
type values map[string]any

// read checks the keys and types of what the stack sets, and adds the defaults.
func (s Schema) read(raw *Raw) (values, []Problem) {
	out := make(values, len(s))
	for name, key := range s {
		out[name] = key.Default
	}
	problems := append(s.setWithoutPath(raw), s.misplaced(raw)...)
	for name, text := range s.flatten(raw) {
		key, known := s[name]
		if !known {
			problems = append(problems, s.unknown(name, text, raw))
			continue
		}
		value, ok := key.parse(text)
		switch {
		case ok:
			out[name] = value
		case !raw.isSecret(name):
			problems = append(problems, Problem{
				Key: name, Found: strconv.Quote(text), Want: "a value of type " + key.Type(), Fix: set(name, key.example()),
			})
		case key.Type() == "string": // a secret may look like anything
			out[name] = text
		default:
			problems = append(problems, Problem{
				Key: name, Found: "an encrypted text", Want: "a value of type " + key.Type(), Fix: set(name, key.example()),
			})
		}
	}
	return out, append(problems, s.overwritten(raw, out)...)
}

// changed returns the keys whose values are not their defaults, in alphabetical order. The engine passes defaults on as if the stack had
// set them.
func (s Schema) changed(v values) []string {
	var keys []string
	for _, key := range s.Keys() {
		if fmt.Sprint(v[key]) != fmt.Sprint(s[key].Default) {
			keys = append(keys, key)
		}
	}
	return keys
}

// setWithoutPath reports dotted keys that were set without --path: the engine passes such a key on beside the object that it was meant for.
func (s Schema) setWithoutPath(raw *Raw) []Problem {
	var problems []Problem
	for full, text := range raw.Values {
		name, ours := strings.CutPrefix(full, raw.Project+":")
		_, known := s[name]
		if ours && known && strings.Contains(name, ".") {
			problems = append(problems, Problem{
				Key: name, Found: "set without --path", Want: "a key of an object",
				Fix: "pulumi config rm " + name + " && " + set(name, quoted(text)),
			})
		}
	}
	return problems
}

// flatten returns the project's values, one text for each dotted key.
func (s Schema) flatten(raw *Raw) map[string]string {
	out := make(map[string]string)
	for full, text := range raw.Values {
		name, ours := strings.CutPrefix(full, raw.Project+":")
		if !ours {
			continue
		}
		if object, ok := decodeObject(text); ok && s.isObject(name) {
			flattenObject(name, object, out)
		} else {
			out[name] = text
		}
	}
	return out
}

// decodeObject decodes an object in JSON, or null. Numbers stay as they are written.
func decodeObject(text string) (object map[string]any, ok bool) {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	ok = json.Valid([]byte(text)) && decoder.Decode(&object) == nil
	return object, ok
}

func flattenObject(prefix string, object map[string]any, out map[string]string) {
	for name, value := range object {
		name = prefix + "." + name
		switch value := value.(type) {
		case nil: // a key without a value has its default
		case map[string]any:
			flattenObject(name, value, out)
		case string:
			out[name] = value
		case []any:
			out[name] = jsonText(value)
		default:
			out[name] = fmt.Sprint(value)
		}
	}
}

func jsonText(value []any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return "" // never: it was JSON before
	}
	return string(text)
}

func (k Key) parse(text string) (any, bool) {
	switch k.Type() {
	case "integer":
		number, err := strconv.Atoi(text)
		return number, err == nil
	case "boolean":
		flag, err := strconv.ParseBool(text)
		return flag, err == nil
	case "array":
		var items []any
		err := json.Unmarshal([]byte(text), &items)
		// After `pulumi config set --path 'extensions[3]' NAME` the stack's file has null for the elements before it.
		defaults, _ := k.Default.([]any)
		for i := range min(len(items), len(defaults)) {
			if items[i] == nil {
				items[i] = defaults[i]
			}
		}
		return items, err == nil
	default:
		return text, !isContainer(text)
	}
}

// isContainer reports whether a text is a list or an object in JSON, as the engine passes those.
func isContainer(text string) bool {
	return strings.ContainsAny(text[:min(1, len(text))], "[{") && json.Valid([]byte(text))
}

// example returns the default, quoted for a shell.
func (k Key) example() string {
	text := fmt.Sprint(k.Default)
	if items, ok := k.Default.([]any); ok {
		text = jsonText(items)
	}
	return quoted(text)
}

// oneWord matches a text that a shell reads as one word without quotes.
var oneWord = regexp.MustCompile(`^[\w./:@%+,=-]+$`)

// quoted returns a text that a shell reads as one word.
func quoted(text string) string {
	if oneWord.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

// unknown describes a key that is not in the schema. If another key is near enough for a typing error, the fix sets that key to the value.
// A secret value is not printed.
func (s Schema) unknown(name, text string, raw *Raw) Problem {
	problem := Problem{Key: name, Found: "not a key of this project", Want: "a key that Pulumi.yaml lists", Fix: remove(name)}
	best, nearest := 3, ""
	for _, key := range s.Keys() {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(key), nil); d < best {
			best, nearest = d, key
		}
	}
	if nearest == "" {
		return problem
	}
	problem.Want = "perhaps " + nearest
	isSecret := func(d Declaration) bool { return d.Key == nearest && d.Secret }
	switch {
	case raw.isSecret(name) || slices.ContainsFunc(Declared(), isSecret):
		problem.Fix += " && " + setSecret(nearest)
	case s[nearest].Type() != "array":
		problem.Fix += " && " + set(nearest, quoted(text))
	}
	return problem
}
