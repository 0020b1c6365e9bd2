package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// comments are the doc comments of the package components, as readers in other languages need them.
type comments struct {
	docs      map[string]string            // of types
	fields    map[string]map[string]*field // of structs, by their names in Go
	constants map[string]string            // values by name, such as "statefulset" by DatabaseStatefulSet
}

// field is a field of a struct that has a name in the schema.
type field struct{ name, doc string }

// readComments parses the packages that declare the arguments and their values.
func readComments(root string) (*comments, error) {
	c := &comments{
		docs: make(map[string]string), fields: make(map[string]map[string]*field), constants: make(map[string]string),
	}
	for _, folder := range []string{"internal/choices", "components"} { // the constants of components are those of choices
		paths, err := filepath.Glob(filepath.Join(root, folder, "*.go"))
		if err != nil {
			return nil, err
		}
		for _, path := range paths {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err != nil {
				return nil, err
			}
			for _, declaration := range file.Decls {
				if general, ok := declaration.(*ast.GenDecl); ok {
					c.add(general)
				}
			}
		}
	}
	return c, nil
}

// add adds the types and constants of a declaration.
func (c *comments) add(declaration *ast.GenDecl) {
	for _, spec := range declaration.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			c.docs[spec.Name.Name] = declaration.Doc.Text()
			if object, ok := spec.Type.(*ast.StructType); ok {
				c.fields[spec.Name.Name] = fieldsOf(object)
			}
		case *ast.ValueSpec:
			for i, value := range spec.Values {
				literal, ok := value.(*ast.BasicLit)
				if !ok || literal.Kind != token.STRING || !spec.Names[i].IsExported() {
					continue
				}
				if text, err := strconv.Unquote(literal.Value); err == nil {
					c.constants[spec.Names[i].Name] = text
				}
			}
		}
	}
}

func fieldsOf(object *ast.StructType) map[string]*field {
	fields := make(map[string]*field)
	for _, f := range object.Fields.List {
		if f.Tag == nil || len(f.Names) != 1 {
			continue
		}
		tag := reflect.StructTag(strings.Trim(f.Tag.Value, "`"))
		if name, _, _ := strings.Cut(tag.Get("pulumi"), ","); name != "" {
			fields[f.Names[0].Name] = &field{name: name, doc: f.Doc.Text()}
		}
	}
	return fields
}

// describe returns the comment of a type, or of its field if that has a name.
func (c *comments) describe(typeName, fieldName string) string {
	if fieldName == "" {
		text := c.translate(typeName, c.docs[typeName])
		if rest, found := strings.CutPrefix(text, typeName+" "); found && strings.HasSuffix(typeName, "Args") {
			return strings.ToUpper(rest[:1]) + rest[1:] // the type has another name
		}
		return text
	}
	return c.translate(typeName, c.fields[typeName][fieldName].doc)
}

// link is a link of a Go comment, as in [MediaWikiStackArgs].MasterSecret; path is the name of a constant or of a field, with or without
// its struct.
var (
	link = regexp.MustCompile(`\[([A-Z]\w*)\]`)
	path = regexp.MustCompile(`[A-Z]\w*(\.[A-Z]\w*)*`)
)

// translate replaces the names in a comment on a type's field: names of constants by their values, names of fields by those in the schema.
func (c *comments) translate(typeName, text string) string {
	text = link.ReplaceAllString(strings.Join(strings.Fields(text), " "), "$1")
	var out strings.Builder
	end := 0
	for _, found := range path.FindAllStringIndex(text, -1) {
		before, word := text[:found[0]], text[found[0]:found[1]]
		out.WriteString(text[end:found[0]])
		end = found[1]
		if value, constant := c.constants[word]; constant {
			out.WriteString(strconv.Quote(value))
		} else if name := c.find(typeName, before, word); name != "" {
			out.WriteString("`" + name + "`")
		} else {
			out.WriteString(word)
		}
	}
	return out.String() + text[end:]
}

// find returns the schema's name for a field that a comment names, or "" if the word is not one: "the Service" is an object of Kubernetes.
func (c *comments) find(typeName, before, word string) string {
	if before != "" && !strings.HasSuffix(before, " ") {
		return ""
	}
	steps := strings.Split(word, ".")
	if len(steps) > 1 {
		if _, isType := c.fields[steps[0]]; isType {
			steps = steps[1:]
		}
		for i, step := range steps {
			if steps[i] = c.anywhere(step); steps[i] == "" {
				return ""
			}
		}
		return strings.Join(steps, ".")
	}
	if strings.IndexFunc(word[1:], unicode.IsUpper) >= 0 && strings.IndexFunc(word, unicode.IsLower) >= 0 {
		return c.anywhere(word)
	}
	words := strings.Fields(before)
	if own := c.fields[typeName][word]; own != nil && (len(words) == 0 || !slices.Contains(notNames, words[len(words)-1])) {
		return own.name
	}
	return ""
}

// notNames are words after which a capitalized word is not the name of a field.
var notNames = []string{"a", "an", "the", "A", "The", "ACME"}

// anywhere returns the schema's name for a field of any struct, or "".
func (c *comments) anywhere(name string) string {
	for _, fields := range c.fields {
		if f := fields[name]; f != nil {
			return f.name
		}
	}
	return ""
}
