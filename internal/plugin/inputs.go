package plugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// checkInputs reports inputs that the schema does not allow: unknown names, other types, and secrets and outputs of resources where the
// component needs to know the value itself.
func checkInputs(given resource.PropertyMap) error {
	var schema Package
	if err := json.Unmarshal(Schema, &schema); err != nil {
		return err
	}
	return schema.checkObject("", schema.Resources[parts.StackToken].InputProperties, given)
}

func (p *Package) checkObject(path string, properties map[string]Property, given resource.PropertyMap) error {
	var errs []error
	for _, key := range given.StableKeys() {
		name := path + string(key)
		property, known := properties[string(key)]
		switch {
		case resource.IsInternalPropertyKey(key):
		case known:
			errs = append(errs, p.check(name, property.Type, given[key]))
		default:
			errs = append(errs, fmt.Errorf("remove %s: there is no such argument%s", name, suggestion(string(key), properties)))
		}
	}
	return errors.Join(errs...)
}

// suggestion names the property that was probably meant.
func suggestion(name string, properties map[string]Property) string {
	best, nearest := 4, ""
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(key), nil); d < best {
			best, nearest = d, key
		}
	}
	if nearest == "" {
		return "; there are " + strings.Join(slices.Sorted(maps.Keys(properties)), ", ")
	}
	return "; perhaps you mean " + nearest
}

// check reports a value that is not of the type. It looks into secrets and outputs where they are allowed.
func (p *Package) check(name string, t Type, value resource.PropertyValue) error {
	for wrapped := true; wrapped; {
		reason := ""
		switch {
		case value.IsSecret():
			reason, value = "a secret", value.SecretValue().Element
		case value.IsComputed():
			reason, value = "an output that is not known yet", resource.NewNullProperty()
		case value.IsOutput():
			output := value.OutputValue()
			switch {
			case output.Secret:
				reason = "a secret"
			case !output.Known:
				reason = "an output that is not known yet"
			case len(output.Dependencies) > 0:
				reason = "an output of a resource"
			}
			if value = output.Element; !output.Known {
				value = resource.NewNullProperty()
			}
		default:
			wrapped = false
		}
		if t.Plain && reason != "" {
			return fmt.Errorf("set %s to a plain value: it is %s, but which objects the wiki has depends on it", name, reason)
		}
	}
	if value.IsNull() {
		return nil
	}
	if token, object := strings.CutPrefix(t.Ref, RefPrefix); object {
		if !value.IsObject() {
			return fmt.Errorf("set %s to an object; it is a %s", name, value.TypeString())
		}
		return p.checkObject(name+".", p.Types[token].Properties, value.ObjectValue())
	}
	return p.checkValue(name, t, value)
}

// checkValue reports a value that is not of a basic type, a list or a map.
func (p *Package) checkValue(name string, t Type, value resource.PropertyValue) error {
	wrong := fmt.Errorf("set %s to a value of type %s; it is a %s", name, t.Type, value.TypeString())
	switch {
	case t.Type == "string" && value.IsString(), t.Type == "boolean" && value.IsBool():
	case t.Type == "integer" && value.IsNumber():
		if number := value.NumberValue(); number != math.Trunc(number) {
			return fmt.Errorf("set %s to a whole number; it is %v", name, number)
		}
	case t.Type == "array" && value.IsArray():
		var errs []error
		for i, item := range value.ArrayValue() {
			errs = append(errs, p.check(fmt.Sprintf("%s[%d]", name, i), *t.Items, item))
		}
		return errors.Join(errs...)
	case t.Type == "object" && value.IsObject():
		var errs []error
		for _, key := range value.ObjectValue().StableKeys() {
			errs = append(errs, p.check(fmt.Sprintf("%s[%q]", name, key), *t.AdditionalProperties, value.ObjectValue()[key]))
		}
		return errors.Join(errs...)
	default:
		return wrong
	}
	return nil
}
