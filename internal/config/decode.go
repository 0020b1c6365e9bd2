package config

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/mediawiki-stack/mediawiki-stack/internal/packages"
)

// Declaration is what the tags of a field of [Config] say about its key.
type Declaration struct {
	Key    string
	Secret bool     // the value must be encrypted
	Modes  []string // values of database.mode with which the key has an effect; empty for all
}

// Declared returns the declarations of all keys.
func Declared() []Declaration {
	var all []Declaration
	eachKey(reflect.ValueOf(&Config{}).Elem(), Declaration{}, func(d Declaration, _ reflect.Value) { all = append(all, d) })
	return all
}

// eachKey calls visit with each key that a group of fields declares and the field that holds its value.
func eachKey(group reflect.Value, outer Declaration, visit func(Declaration, reflect.Value)) {
	for field, value := range group.Fields() {
		key, option, _ := strings.Cut(field.Tag.Get("config"), ",")
		if strings.HasPrefix(key, ".") {
			key = outer.Key + key
		}
		d := Declaration{Key: key, Secret: option == "secret", Modes: outer.Modes}
		if modes, tagged := field.Tag.Lookup("modes"); tagged {
			d.Modes = strings.Fields(modes)
		}
		if field.Type.Kind() == reflect.Struct {
			eachKey(value, d, visit)
		} else {
			visit(d, value)
		}
	}
}

// decode copies values to the fields that declare their keys. It fails if Pulumi.yaml and Config do not declare the same keys.
func decode(v values) (*Config, error) {
	cfg := &Config{}
	missing := make(map[string]bool, len(v))
	for key := range v {
		missing[key] = true
	}
	var err error
	eachKey(reflect.ValueOf(cfg).Elem(), Declaration{}, func(d Declaration, field reflect.Value) {
		value := reflect.ValueOf(v[d.Key])
		if items, ok := v[d.Key].([]any); ok {
			value = reflect.ValueOf(texts(items))
			if field.Type() == reflect.TypeFor[[]packages.Package]() {
				value = reflect.ValueOf(decodePackages(items))
			}
		}
		if !value.IsValid() || value.Type() != field.Type() {
			err = cmp.Or(err, fmt.Errorf("config key %s: Pulumi.yaml has to declare it with the type %s", d.Key, field.Type()))
			return
		}
		field.Set(value)
		delete(missing, d.Key)
	})
	for key := range missing {
		err = cmp.Or(err, fmt.Errorf("config key %s: no field of Config declares it", key))
	}
	return cfg, err
}

func texts(items []any) []string {
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = fmt.Sprint(item)
	}
	return texts
}

// hasEffect reports whether a key has an effect with a mode of the database.
func (d Declaration) hasEffect(mode string) bool {
	return len(d.Modes) == 0 || slices.Contains(d.Modes, mode)
}
