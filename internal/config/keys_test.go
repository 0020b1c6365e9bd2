package config

import (
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func pulumiYAML(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../Pulumi.yaml")
	require.NoError(t, err)
	return string(text)
}

func TestPulumiYAMLDeclaresNoTypes(t *testing.T) {
	_, err := ParseSchema([]byte("config: { aliases: { type: array, default: [], description: Hosts. } }"))
	require.ErrorContains(t, err, "config key aliases in Pulumi.yaml must not declare a type")
}

func TestEachKeyReachesTheArguments(t *testing.T) {
	schema, err := ParseSchema([]byte(pulumiYAML(t)))
	require.NoError(t, err)
	args := func(t *testing.T, key string) map[string]string {
		t.Helper()
		v, _ := schema.read(&Raw{})
		switch value := v[key].(type) {
		case string:
			v[key] = value + "x"
		case int:
			v[key] = value + 1
		case bool:
			v[key] = !value
		case []any:
			v[key] = append(value, "x")
		}
		cfg, err := decode(v)
		require.NoError(t, err)
		return plain(t, reflect.ValueOf(cfg.StackArgs("")).Elem(), "")
	}
	notArguments := []string{"kubeconfig", "context"} // with which the program finds the cluster
	defaults := args(t, "")
	for _, d := range Declared() {
		t.Run(d.Key, func(t *testing.T) {
			changed := 0
			for path, text := range args(t, d.Key) {
				if text != defaults[path] {
					changed++
					assert.Equal(t, d.Secret, strings.HasPrefix(text, "secret "), "%s is marked as secret", path)
				}
			}
			if slices.Contains(notArguments, d.Key) {
				assert.Zero(t, changed)
				return
			}
			assert.Equal(t, 1, changed, "arguments that change with the key")
		})
	}
}

// plain returns the values of arguments by their paths. Secrets begin with "secret ".
func plain(t *testing.T, args reflect.Value, group string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for field, value := range args.Fields() {
		path := group + field.Name
		if value.Kind() == reflect.Struct {
			for path, text := range plain(t, value, path+".") {
				out[path] = text
			}
			continue
		}
		if value.Kind() == reflect.Pointer {
			value = value.Elem()
		}
		out[path] = fmt.Sprint(value)
		if output, isOutput := value.Interface().(pulumi.Output); isOutput {
			result, err := internals.UnsafeAwaitOutput(t.Context(), output)
			require.NoError(t, err)
			require.True(t, result.Secret, path)
			out[path] = fmt.Sprint("secret ", result.Value)
		}
	}
	return out
}

func TestKeyThatOneOfTheTwoDeclaresIsNamed(t *testing.T) {
	raw := &Raw{Project: "mediawiki", Stack: "test"}
	const port, text = "\n  port:\n    default: 80\n", "\n  port:\n    default: \"80\"\n"
	project := strings.Replace(pulumiYAML(t), port, "\n  unread: {default: \"\", description: None.}"+port, 1)
	_, err := Load([]byte(project), raw)
	require.EqualError(t, err, "config key unread: no field of Config declares it")
	project = strings.Replace(pulumiYAML(t), port, text, 1)
	_, err = Load([]byte(project), raw)
	require.EqualError(t, err, "config key port: Pulumi.yaml has to declare it with the type int")
}

func TestEachKeyNamesModesThatExist(t *testing.T) {
	for _, d := range Declared() {
		for _, mode := range d.Modes {
			assert.Contains(t, []string{"statefulset", "external", "sidecar"}, mode, d.Key)
		}
	}
}
