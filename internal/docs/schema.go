package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/plugin"
)

// schema returns the schema of the plugin: the arguments and outputs of MediaWikiStack with their comments, for every language.
func schema(root string) ([]byte, error) {
	comments, err := readComments(root)
	if err != nil {
		return nil, err
	}
	s := schemaWriter{comments: comments, types: make(map[string]plugin.Object)}
	inputs, err := s.object(reflect.TypeFor[components.MediaWikiStackArgs]())
	if err != nil {
		return nil, err
	}
	outputs, err := s.object(reflect.TypeFor[components.MediaWikiStack]())
	if err != nil {
		return nil, err
	}
	outputs.Type = ""
	slices.Sort(outputs.Required)
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	err = encoder.Encode(plugin.Package{
		Name: plugin.Name, Namespace: "mediawiki-stack", DisplayName: "MediaWiki", License: "Apache-2.0",
		Description: "MediaWiki on Kubernetes, with its database, caches, jobs and backups.",
		Homepage:    "https://github.com/mediawiki-stack/mediawiki-stack",
		// SDKs require exactly the plugin that they were generated from.
		Language: map[string]any{
			"nodejs": map[string]any{"respectSchemaVersion": true}, "python": map[string]any{"respectSchemaVersion": true},
			"go": map[string]any{"respectSchemaVersion": true}, "csharp": map[string]any{"respectSchemaVersion": true},
		},
		Types: s.types,
		Resources: map[string]plugin.Resource{parts.StackToken: {
			Object: outputs, IsComponent: true, InputProperties: inputs.Properties, RequiredInputs: inputs.Required,
		}},
	})
	return text.Bytes(), err
}

// schemaWriter collects the types that arguments refer to.
type schemaWriter struct {
	comments *comments
	types    map[string]plugin.Object
}

// object describes a struct by its tags. Fields without a tag are for programs in Go alone.
func (s schemaWriter) object(t reflect.Type) (plugin.Object, error) {
	object := plugin.Object{Type: "object", Description: s.comments.describe(t.Name(), ""), Properties: make(map[string]plugin.Property)}
	for _, field := range reflect.VisibleFields(t) {
		tag, tagged := field.Tag.Lookup("pulumi")
		if !tagged || len(field.Index) > 1 {
			continue
		}
		name, option, _ := strings.Cut(tag, ",")
		described, err := s.describe(field.Type)
		if err != nil {
			return object, fmt.Errorf("%s.%s: %w", t.Name(), field.Name, err)
		}
		object.Properties[name] = plugin.Property{
			Type: described, Description: s.comments.describe(t.Name(), field.Name), Secret: field.Tag.Get("provider") == "secret",
		}
		if option != "optional" {
			object.Required = append(object.Required, name)
		}
	}
	return object, nil
}

var (
	inputType  = reflect.TypeFor[pulumi.Input]()
	outputType = reflect.TypeFor[pulumi.Output]()
)

// eventual are the types of inputs and outputs.
var eventual = map[reflect.Type]plugin.Type{
	reflect.TypeFor[pulumi.StringInput]():      {Type: "string"},
	reflect.TypeFor[pulumi.StringPtrInput]():   {Type: "string"},
	reflect.TypeFor[pulumi.IntInput]():         {Type: "integer"},
	reflect.TypeFor[pulumi.IntPtrInput]():      {Type: "integer"},
	reflect.TypeFor[pulumi.BoolInput]():        {Type: "boolean"},
	reflect.TypeFor[pulumi.BoolPtrInput]():     {Type: "boolean"},
	reflect.TypeFor[pulumi.StringArrayInput](): {Type: "array", Items: &plugin.Type{Type: "string"}},
	reflect.TypeFor[pulumi.StringOutput]():     {Type: "string"},
	reflect.TypeFor[pulumi.IntOutput]():        {Type: "integer"},
}

// describe returns the schema's type for a field. Every type that is no Input is plain.
func (s schemaWriter) describe(t reflect.Type) (plugin.Type, error) {
	if known, found := eventual[t]; found {
		return known, nil
	}
	if t.Implements(inputType) || t.Implements(outputType) {
		return plugin.Type{}, fmt.Errorf("add %s to the table eventual of the package docs", t)
	}
	switch t.Kind() { //nolint:exhaustive // the others are refused
	case reflect.Pointer:
		return s.describe(t.Elem())
	case reflect.String:
		return plugin.Type{Type: "string", Plain: true}, nil
	case reflect.Bool:
		return plugin.Type{Type: "boolean", Plain: true}, nil
	case reflect.Int:
		return plugin.Type{Type: "integer", Plain: true}, nil
	case reflect.Slice:
		items, err := s.describe(t.Elem())
		return plugin.Type{Type: "array", Items: &items, Plain: true}, err
	case reflect.Map:
		values, err := s.describe(t.Elem())
		return plugin.Type{Type: "object", AdditionalProperties: &values, Plain: true}, err
	case reflect.Struct:
		token := plugin.Name + ":index:" + strings.TrimSuffix(t.Name(), "Args")
		object, err := s.object(t)
		s.types[token] = object
		return plugin.Type{Ref: plugin.RefPrefix + token, Plain: true}, err
	}
	return plugin.Type{}, fmt.Errorf("a schema has no type for %s", t)
}
