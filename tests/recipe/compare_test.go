package recipe

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// fields maps paths such as spec.template.spec.containers[0].image to an object's leaves. Empty objects and lists are leaves, too.
type fields map[string]any

// absent stands for a missing field.
const absent = "absent"

// difference is a field in which our object must differ from the article's.
type difference struct {
	path    string
	article string // the article's value as JSON, or absent
	ours    string // regular expression that matches all of our value as JSON, or absent
	because string
}

func flatten(object map[string]any) fields {
	leaves := fields{}
	flattenInto(leaves, "", object)
	return leaves
}

// plainKey matches a key that needs no quotes in a path.
var plainKey = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func flattenInto(into fields, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			switch {
			case !plainKey.MatchString(key):
				flattenInto(into, fmt.Sprintf("%s[%q]", path, key), child)
			case path == "":
				flattenInto(into, key, child)
			default:
				flattenInto(into, path+"."+key, child)
			}
		}
		if len(value) > 0 {
			return
		}
	case []any:
		for i, child := range value {
			flattenInto(into, fmt.Sprintf("%s[%d]", path, i), child)
		}
		if len(value) > 0 {
			return
		}
	}
	into[path] = value
}

// compare lists what is wrong: differences that are not listed, listed differences that do not exist or are not as listed, and fields that
// the server should set, but does not.
func compare(article, ours fields, serverMade []string, listed []difference) []string {
	article, ours = maps.Clone(article), maps.Clone(ours)
	var problems []string
	for _, path := range serverMade {
		remove(article, path)
		if remove(ours, path) == 0 {
			problems = append(problems, path+": not set by the server; remove it from the list")
		}
	}
	for _, d := range listed {
		if problem := d.check(article, ours); problem != "" {
			problems = append(problems, problem)
		}
		delete(article, d.path)
		delete(ours, d.path)
	}
	union := maps.Clone(article)
	maps.Copy(union, ours)
	for _, path := range slices.Sorted(maps.Keys(union)) {
		if a, o := show(article, path), show(ours, path); a != o {
			problems = append(problems, fmt.Sprintf("%s: not on the list\n  - %s\n  + %s", path, a, o))
		}
	}
	return problems
}

// check describes how a difference deviates from the list.
func (d difference) check(article, ours fields) string {
	a, o := show(article, d.path), show(ours, d.path)
	switch {
	case a == o:
		return fmt.Sprintf("%s: listed, but both are %s; remove it from the list", d.path, a)
	case a != d.article:
		return fmt.Sprintf("%s: the list says that the article has %s\n  - %s", d.path, d.article, a)
	case !regexp.MustCompile(`^(?:` + d.ours + `)$`).MatchString(o):
		return fmt.Sprintf("%s: the list says that ours is %s\n  + %s", d.path, d.ours, o)
	}
	return ""
}

// remove deletes a field with everything below it, and returns the number of leaves deleted.
func remove(object fields, path string) int {
	before := len(object)
	maps.DeleteFunc(object, func(leaf string, _ any) bool {
		rest, found := strings.CutPrefix(leaf, path)
		return found && (rest == "" || rest[0] == '.' || rest[0] == '[')
	})
	return before - len(object)
}

// show returns a leaf's value as JSON.
func show(object fields, path string) string {
	value, ok := object[path]
	if !ok {
		return absent
	}
	return text(value)
}

// text returns a value in the notation of the lists of differences.
func text(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
