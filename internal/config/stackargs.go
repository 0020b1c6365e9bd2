package config

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
)

// StackArgs returns the configuration as arguments of the component. nodeHost is the host under which readers reach a node.
func (c *Config) StackArgs(nodeHost string) *components.MediaWikiStackArgs {
	args := &components.MediaWikiStackArgs{NodeHost: pulumi.String(nodeHost)}
	copyFields(reflect.ValueOf(args).Elem(), reflect.ValueOf(c).Elem())
	return args
}

// copyFields copies each field to the argument of the same name. Fields without an argument are the program's own.
func copyFields(args, config reflect.Value) {
	for field, value := range config.Fields() {
		arg := args.FieldByName(field.Name)
		switch {
		case !arg.IsValid():
		case field.Type.Kind() == reflect.Struct:
			copyFields(arg, value)
		default:
			secret := strings.HasSuffix(field.Tag.Get("config"), ",secret")
			copyValue(arg.Addr().Interface(), value.Interface(), secret)
		}
	}
}

// pairs returns the texts by the names in a list of NAME=TEXT.
func pairs(list []string) map[string]string {
	texts := make(map[string]string, len(list))
	for _, item := range list {
		name, text, _ := strings.Cut(item, "=")
		texts[name] = text
	}
	return texts
}

// copyValue sets an argument. Where the argument is an Input, an empty text leaves it to the component's default.
func copyValue(arg, value any, secret bool) {
	text, _ := value.(string)
	switch arg := arg.(type) {
	case *string:
		*arg = text
	case *pulumi.StringInput:
		switch {
		case text == "":
		case secret:
			*arg = pulumi.ToSecret(pulumi.String(text)).(pulumi.StringOutput)
		default:
			*arg = pulumi.String(text)
		}
	case *pulumi.StringPtrInput:
		if text != "" {
			*arg = pulumi.String(text)
		}
	case *int:
		*arg = value.(int)
	case **int:
		*arg = new(value.(int))
	case *pulumi.IntInput:
		*arg = pulumi.Int(value.(int))
	case *bool:
		*arg = value.(bool)
	case **bool:
		*arg = new(value.(bool))
	default:
		copyList(arg, value)
	}
}

// copyList sets an argument to a list, or to what is made of one.
func copyList(arg, value any) {
	switch arg := arg.(type) {
	case *[]string:
		*arg = value.([]string)
	case *map[string]string:
		*arg = pairs(value.([]string))
	case *[]components.PackageArgs:
		for _, p := range value.([]packages.Package) {
			*arg = append(*arg, components.PackageArgs(p))
		}
	case *pulumi.StringArrayInput:
		*arg = pulumi.ToStringArray(value.([]string))
	default:
		panic(fmt.Sprintf("config: no way to set an argument of type %T", arg)) // a test sets each key
	}
}
