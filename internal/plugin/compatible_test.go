package plugin

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"iter"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// released is the schema of the last release. Nothing generates it: whoever makes a release copies schema.json.
//
//go:embed released.json
var released []byte

// argument is a property with its place.
type argument struct {
	Property

	required bool
}

// properties are all arguments and outputs by their paths, such as "MediaWikiStack.database.mode" and "output MediaWikiStack.url".
func (p *Package) properties() iter.Seq2[string, argument] {
	return func(yield func(string, argument) bool) {
		stack := p.Resources[parts.StackToken]
		_ = p.walk("MediaWikiStack.", Object{Properties: stack.InputProperties, Required: stack.RequiredInputs}, yield) &&
			p.walk("output MediaWikiStack.", stack.Object, yield)
	}
}

func (p *Package) walk(path string, object Object, yield func(string, argument) bool) bool {
	for name, property := range object.Properties {
		if !yield(path+name, argument{property, slices.Contains(object.Required, name)}) {
			return false
		}
		if token, nested := strings.CutPrefix(property.Ref, RefPrefix); nested && !p.walk(path+name+".", p.Types[token], yield) {
			return false
		}
	}
	return true
}

// breaks returns what a program for the old schema cannot do with the new one, by path.
func breaks(old, current *Package) map[string]string {
	before, after, broken := maps.Collect(old.properties()), maps.Collect(current.properties()), make(map[string]string)
	for path, was := range before {
		is, found := after[path]
		output := strings.HasPrefix(path, "output ")
		switch {
		case !found:
			broken[path] = "is removed or renamed"
		case describe(was.Type) != describe(is.Type):
			broken[path] = fmt.Sprintf("was %s and is %s", describe(was.Type), describe(is.Type))
		case !output && is.Plain && !was.Plain:
			broken[path] = "takes no outputs any more"
		case !output && is.required && !was.required:
			broken[path] = "is required and was not"
		}
	}
	for path, is := range after {
		if _, found := before[path]; !found && is.required && !strings.HasPrefix(path, "output ") {
			broken[path] = "is required and new"
		}
	}
	return broken
}

// describe returns a type without the names of types: a program does not need them.
func describe(t Type) string {
	switch {
	case t.Ref != "":
		return "an object"
	case t.Items != nil:
		return "array of " + describe(*t.Items)
	case t.AdditionalProperties != nil:
		return "map of " + describe(*t.AdditionalProperties)
	}
	return t.Type
}

// changed returns the entries of a changelog under Unreleased, Changed.
func changed(changelog string) string {
	_, unreleased, _ := strings.Cut(changelog, "\n## [Unreleased]\n")
	unreleased, _, _ = strings.Cut(unreleased, "\n## ")
	_, entries, _ := strings.Cut(unreleased, "\n### Changed\n")
	entries, _, _ = strings.Cut(entries, "\n### ")
	return entries
}

func TestIncompatibleChangesOfTheSchemaAreInTheChangelog(t *testing.T) {
	var old Package
	require.NoError(t, json.Unmarshal(released, &old))
	current := read(t)
	changelog, err := os.ReadFile("../../CHANGELOG.md")
	require.NoError(t, err)
	for path, what := range breaks(&old, current) {
		name := strings.TrimPrefix(path, "output ")
		assert.Containsf(t, changed(string(changelog)), "`"+name+"`",
			"%s %s, which breaks programs; undo it, or add an entry under Unreleased, Changed of CHANGELOG.md that contains `%s`",
			path, what, name)
	}
}

func TestIncompatibleChangesAreFound(t *testing.T) {
	for change, want := range map[string]map[string]string{
		`"siteName":`:    {"MediaWikiStack.wiki.siteName": "is removed or renamed"},
		`"url":`:         {"output MediaWikiStack.url": "is removed or renamed"},
		`"description":`: {},
	} {
		current := &Package{}
		text := strings.ReplaceAll(string(Schema), change, `"renamed":`)
		require.NoError(t, json.Unmarshal([]byte(text), current))
		assert.Equal(t, want, breaks(read(t), current), change)
	}
	stack := func(property string, required ...string) *Package {
		var p Property
		require.NoError(t, json.Unmarshal([]byte(property), &p))
		return &Package{Resources: map[string]Resource{parts.StackToken: {
			InputProperties: map[string]Property{"a": p}, RequiredInputs: required,
		}}}
	}
	text := `{"type": "string"}`
	assert.Equal(t, map[string]string{"MediaWikiStack.a": "was string and is integer"}, breaks(stack(text), stack(`{"type": "integer"}`)))
	assert.Equal(t, map[string]string{"MediaWikiStack.a": "takes no outputs any more"},
		breaks(stack(text), stack(`{"type": "string", "plain": true}`)))
	assert.Equal(t, map[string]string{"MediaWikiStack.a": "is required and was not"}, breaks(stack(text), stack(text, "a")))
	assert.Equal(t, map[string]string{"MediaWikiStack.a": "is required and new"}, breaks(&Package{}, stack(text, "a")))
	assert.Empty(t, breaks(&Package{}, stack(text)), "new and optional")
	assert.Empty(t, breaks(stack(text, "a"), stack(text)), "no longer required")
}

func TestOnlyEntriesUnderUnreleasedChangedCount(t *testing.T) {
	log := "# Changelog\n\n## [Unreleased]\n\n### Added\n\n- a\n\n### Changed\n\n- b\n\n### Fixed\n\n- c\n\n" +
		"## [1.0.0]\n\n### Changed\n\n- d\n"
	assert.Equal(t, "- b", strings.TrimSpace(changed(log)))
	assert.Empty(t, changed("\n## [Unreleased]\n\n### Added\n\n## [1.0.0]\n\n### Changed\n\n- d\n"))
}
