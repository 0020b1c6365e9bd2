package plugin

// Package is the schema of a package, with only the fields that this package uses. Its JSON is described at
// https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/.
type Package struct {
	Name        string              `json:"name"`
	Namespace   string              `json:"namespace"`
	DisplayName string              `json:"displayName"`
	Description string              `json:"description"`
	Homepage    string              `json:"homepage"`
	License     string              `json:"license"`
	Language    map[string]any      `json:"language"`
	Types       map[string]Object   `json:"types"`
	Resources   map[string]Resource `json:"resources"`
}

// Resource is a component. Object has its outputs.
type Resource struct {
	Object

	IsComponent     bool                `json:"isComponent"`
	InputProperties map[string]Property `json:"inputProperties"`
	RequiredInputs  []string            `json:"requiredInputs"`
}

// Object is a group of properties.
type Object struct {
	Type        string              `json:"type,omitempty"`
	Description string              `json:"description,omitempty"`
	Properties  map[string]Property `json:"properties"`
	Required    []string            `json:"required,omitempty"`
}

// Property is an input or output.
type Property struct {
	Type

	Description string `json:"description,omitempty"`
	Secret      bool   `json:"secret,omitempty"`
}

// Type is the type of a property or of its elements. A plain one takes no outputs of resources and no secrets.
type Type struct {
	Type                 string `json:"type,omitempty"` // string, boolean, integer, array, or object, a map
	Ref                  string `json:"$ref,omitempty"` // RefPrefix and the key of Package.Types
	Items                *Type  `json:"items,omitempty"`
	AdditionalProperties *Type  `json:"additionalProperties,omitempty"`
	Plain                bool   `json:"plain,omitempty"`
}

// RefPrefix is what Type.Ref begins with.
const RefPrefix = "#/types/"
