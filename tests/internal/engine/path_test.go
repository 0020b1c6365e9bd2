package engine

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/stretchr/testify/assert"
)

func TestElementsOfListsInAPlanHaveNames(t *testing.T) {
	type object = map[string]any
	type list = []any
	inputs := func(pod object) *apitype.StepEventStateMetadata {
		return &apitype.StepEventStateMetadata{Inputs: object{"spec": pod}}
	}
	variable := func(name, value string) object { return object{"name": name, "value": value} }
	update := apitype.StepEventMetadata{
		Old: inputs(object{"containers": list{object{
			"name": "web", "image": "a", "env": list{variable("A", "1"), variable("B", "2"), variable("REMOVED", "3")},
			"volumeMounts": list{object{"mountPath": "/tmp", "name": "tmp"}},
		}}, "hostAliases": list{object{"ip": "1", "hostnames": list{"db"}}}}),
		New: inputs(object{"containers": list{object{"name": "first"}, object{
			"name": "web", "image": "b", "env": list{variable("A", "1"), variable("ADDED", "0"), variable("B", "4")},
			"volumeMounts": list{object{"mountPath": "/new", "name": "new"}, object{"mountPath": "/tmp", "name": "tmp"}},
		}}, "hostAliases": list{object{"ip": "1", "hostnames": list{"db"}}, object{"ip": "2", "hostnames": list{"cache-0", "cache"}}}}),
		DetailedDiff: map[string]apitype.PropertyDiff{},
	}
	for _, path := range []string{
		"spec.containers[0].env[0]", "spec.containers[0].name", "spec.containers[1]", "spec.hostAliases[1]", "spec.replicas",
	} {
		update.DetailedDiff[path] = apitype.PropertyDiff{}
	}
	assert.Equal(t, []string{
		`spec.containers["first"]`, `spec.containers["web"].env["ADDED"]`, `spec.containers["web"].env["B"].value`,
		`spec.containers["web"].env["REMOVED"]`, `spec.containers["web"].image`, `spec.containers["web"].volumeMounts["/new"]`,
		`spec.hostAliases["cache-0"]`, "spec.replicas",
	}, changedPaths(update))
}

func TestChangeOfASecretInAListIsInThePlan(t *testing.T) {
	same := &apitype.StepEventStateMetadata{Inputs: map[string]any{"env": []any{map[string]any{"name": "A", "value": "[secret]"}}}}
	update := apitype.StepEventMetadata{Old: same, New: same, DetailedDiff: map[string]apitype.PropertyDiff{"spec.env[0].value": {}}}
	assert.Equal(t, []string{"spec.env[0].value"}, changedPaths(update))
}
