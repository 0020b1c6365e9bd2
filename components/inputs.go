package components

import (
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// inputs returns the arguments that are set as the inputs of a component, by the names in their tags. Pulumi stores them in the stack's
// state, with secrets encrypted, and a preview shows which of them change.
func inputs(args reflect.Value) pulumi.Map {
	all := pulumi.Map{}
	for field, value := range args.Fields() {
		if kind := field.Type.Kind(); value.IsZero() || (kind == reflect.Slice || kind == reflect.Map) && value.Len() == 0 {
			continue
		}
		name, _, _ := strings.Cut(field.Tag.Get("pulumi"), ",")
		switch {
		case field.Type.Kind() == reflect.Struct:
			if group := inputs(value); len(group) > 0 {
				all[name] = group
			}
		case field.Tag.Get("provider") == "secret":
			all[name] = pulumi.ToSecret(value.Interface())
		default:
			all[name] = pulumi.ToOutput(value.Interface())
		}
	}
	return all
}
