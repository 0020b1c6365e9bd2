package config_test

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// adviceIsAccepted types what the problems of a stack say, as often as there are some, and finds that this ends with a stack that has none.
func adviceIsAccepted(t *testing.T, r *config.Raw) {
	t.Helper()
	followed := &config.Raw{Project: r.Project, Stack: r.Stack, Values: maps.Clone(r.Values), Secret: maps.Clone(r.Secret)}
	for range 4 {
		_, err := config.Load(projectFile(t, "Pulumi.yaml"), followed)
		var problems *config.Problems
		if !errors.As(err, &problems) {
			require.NoError(t, err)
			return
		}
		for _, problem := range problems.List {
			for command := range strings.SplitSeq(problem.Fix, " && ") {
				typeInto(t, followed, command)
			}
		}
	}
	_, err := config.Load(projectFile(t, "Pulumi.yaml"), followed)
	assert.NoError(t, err, "what is advised is refused in its turn")
}

// typeInto does to the configuration what a command does to the stack's file.
func typeInto(t *testing.T, r *config.Raw, command string) {
	t.Helper()
	words := strings.SplitN(strings.ReplaceAll(command, "'", ""), " ", 4)
	require.GreaterOrEqual(t, len(words), 4, command)
	require.Equal(t, []string{"pulumi", "config"}, words[:2])
	rest, nested := strings.CutPrefix(words[3], "--path ")
	rest, secret := strings.CutPrefix(rest, "--secret ")
	key, value, _ := strings.Cut(rest, " ")
	if secret {
		value = masterSecret
		r.Secret["mediawiki:"+key] = true
	}
	first, last, _ := strings.Cut(key, ".")
	index := ""
	if name, found := strings.CutSuffix(key, "]"); found {
		name, index, _ = strings.Cut(name, "[")
		first, last, _ = strings.Cut(name, ".")
	}
	switch full := "mediawiki:" + first; {
	case index != "" && words[2] == "rm": // each list of these tests is of one element, or of two that are the same
		setIn(t, r, full, last, nil)
	case index != "":
		setIn(t, r, full, last, []any{value})
	case !nested && words[2] == "rm":
		delete(r.Values, "mediawiki:"+key)
	case !nested:
		r.Values["mediawiki:"+key] = value
	case words[2] == "rm":
		setIn(t, r, full, last, nil)
	default:
		setIn(t, r, full, last, value)
	}
}

// setIn sets a key of an object, or with an empty key the whole of it; nil removes it.
func setIn(t *testing.T, r *config.Raw, full, key string, value any) {
	t.Helper()
	if key == "" {
		delete(r.Values, full)
		if value != nil {
			text, err := json.Marshal(value)
			require.NoError(t, err)
			r.Values[full] = string(text)
		}
		return
	}
	object := map[string]any{}
	if text, there := r.Values[full]; there {
		if err := json.Unmarshal([]byte(text), &object); err != nil {
			object = map[string]any{}
		}
	}
	if delete(object, key); value != nil {
		object[key] = value
	}
	text, err := json.Marshal(object)
	require.NoError(t, err)
	r.Values[full] = string(text)
}
