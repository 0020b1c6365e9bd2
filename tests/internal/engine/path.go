package engine

import (
	"fmt"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// keyed matches the path of something in a list whose elements have names.
var keyed = regexp.MustCompile(`^(.*?\.(?:containers|initContainers|env|volumes|volumeMounts|hostAliases))\[\d+\]`)

// changedPaths returns the paths of the changed properties of a resource, sorted. For a provider, the engine knows only which inputs have
// changed, and for a component not even that. Elements of lists are identified and compared by their names instead of by indices, as in
// containers["mediawiki"].env["TZ"].value. With indices, adding an element would change every element after it.
func changedPaths(m apitype.StepEventMetadata) []string {
	found := map[string]bool{}
	if len(m.DetailedDiff) == 0 {
		return slices.Sorted(slices.Values(m.Diffs))
	}
	for path := range m.DetailedDiff {
		match := keyed.FindStringSubmatch(path)
		if match == nil || m.Old == nil || m.New == nil {
			found[path] = true
			continue
		}
		differ := differences(match[1], walk(m.Old.Inputs, match[1]), walk(m.New.Inputs, match[1]))
		if len(differ) == 0 {
			differ = []string{path} // secret values look the same
		}
		for _, path := range differ {
			found[path] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// differences returns the paths at which two values differ.
func differences(path string, before, after any) (paths []string) {
	old, composite := children(path, before)
	current, both := children(path, after)
	if !composite || !both {
		if !reflect.DeepEqual(before, after) {
			paths = append(paths, path)
		}
		return paths
	}
	for _, child := range slices.Sorted(maps.Keys(old)) {
		if _, remains := current[child]; !remains {
			paths = append(paths, child)
		}
	}
	for _, child := range slices.Sorted(maps.Keys(current)) {
		if value, existed := old[child]; existed {
			paths = append(paths, differences(child, value, current[child])...)
		} else {
			paths = append(paths, child)
		}
	}
	return paths
}

// children returns the properties of an object or the elements of a list, by their paths.
func children(path string, value any) (map[string]any, bool) {
	found := map[string]any{}
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			if strings.ContainsAny(key, `.[]"`) {
				found[fmt.Sprintf("%s[%q]", path, key)] = child
			} else {
				found[path+"."+key] = child
			}
		}
	case []any:
		for i, element := range value {
			found[fmt.Sprintf("%s[%s]", path, name(path, i, element))] = element
		}
	default:
		return nil, false
	}
	return found, true
}

// name returns what identifies an element of a list: its name in quotes, or its index.
func name(list string, i int, element any) string {
	if object, ok := element.(map[string]any); ok && keyed.MatchString(list+"[0]") {
		switch hostnames, _ := object["hostnames"].([]any); {
		case len(hostnames) > 0:
			return fmt.Sprintf("%q", hostnames[0])
		case object["mountPath"] != nil:
			return fmt.Sprintf("%q", object["mountPath"])
		case object["name"] != nil:
			return fmt.Sprintf("%q", object["name"])
		}
	}
	return strconv.Itoa(i)
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
