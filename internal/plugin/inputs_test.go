package plugin

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
)

func text(value string) resource.PropertyValue { return resource.NewProperty(value) }

func object(key string, value resource.PropertyValue) resource.PropertyValue {
	return resource.NewProperty(resource.PropertyMap{resource.PropertyKey(key): value})
}

// output is an output of a resource.
func output(value string, known bool) resource.PropertyValue {
	return resource.NewProperty(resource.Output{
		Element: text(value), Known: known, Dependencies: []resource.URN{"urn:pulumi:dev::p::kubernetes:core/v1:Secret::s"},
	})
}

func TestInputsOfTheSchemaAreAccepted(t *testing.T) {
	assert.NoError(t, checkInputs(resource.PropertyMap{
		"namespace": output("", false), "masterSecret": resource.MakeSecret(text("s")), "replicas": resource.NewProperty(3.0),
		"keepData": resource.NewProperty(false), "siteUrl": resource.NewNullProperty(),
		"aliases":         resource.NewProperty([]resource.PropertyValue{text("www.example.org")}),
		"createNamespace": resource.NewProperty(resource.Output{Element: resource.NewProperty(true), Known: true}),
		"database":        object("password", resource.MakeSecret(text("s"))), "web": object("workers", resource.NewProperty(5.0)),
		"wiki":    object("extensions", resource.NewProperty([]resource.PropertyValue{output("Cite", true)})),
		"ingress": object("annotations", object("a/b", text("c"))),
	}))
}

func TestMistakesInInputsAreReported(t *testing.T) {
	for want, given := range map[string]resource.PropertyMap{
		"remove profil: there is no such argument; perhaps you mean profile": {"profil": text("pi-4g")},
		"remove wiki.skim: there is no such argument; perhaps you mean skin": {
			"wiki": object("skim", text("x")),
		},
		"remove web.cpu-limit: there is no such argument; there are apcu, opcache, requestMemory, workers": {
			"web": object("cpu-limit", text("1")),
		},
		"set replicas to a value of type integer; it is a string": {
			"replicas": text("many"),
		},
		"set replicas to a whole number; it is 1.5": {
			"replicas": resource.NewProperty(1.5),
		},
		"set namespace to a value of type string; it is a bool": {
			"namespace": resource.NewProperty(true),
		},
		"set masterSecret to a value of type string; it is a number": {
			"masterSecret": resource.MakeSecret(resource.NewProperty(1.0)),
		},
		"set database to an object; it is a string": {
			"database": text("mariadb"),
		},
		"set egress[0] to a value of type string; it is a bool": {
			"egress": resource.NewProperty([]resource.PropertyValue{resource.NewProperty(true)}),
		},
		`set ingress.annotations["a"] to a value of type string; it is a bool`: {
			"ingress": object("annotations", object("a", resource.NewProperty(true))),
		},
		"set siteUrl to a plain value: it is a secret, but which objects the wiki has depends on it": {
			"siteUrl": resource.MakeSecret(text("s")),
		},
		"set wiki.access to a plain value: it is an output that is not known yet, but which objects the wiki has depends on it": {
			"wiki": object("access", output("", false)),
		},
		"set wiki.access to a plain value: it is an output of a resource, but which objects the wiki has depends on it": {
			"wiki": object("access", output("private", true)),
		},
		"set wiki to a plain value: it is a secret, but which objects the wiki has depends on it": {
			"wiki": resource.MakeSecret(object("siteName", text("s"))),
		},
		"set memory to a plain value: it is an output that is not known yet, but which objects the wiki has depends on it": {
			"memory": resource.MakeComputed(text("")),
		},
	} {
		assert.EqualError(t, checkInputs(given), want)
	}
}

func TestAllMistakesInInputsAreReportedAtOnce(t *testing.T) {
	err := checkInputs(resource.PropertyMap{"replicas": text("many"), "wiki": object("skim", text("x")), "memory": text("1Gi")})
	assert.EqualError(t, err, "set memory to a value of type integer; it is a string\n"+
		"set replicas to a value of type integer; it is a string\n"+
		"remove wiki.skim: there is no such argument; perhaps you mean skin")
}
