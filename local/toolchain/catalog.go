package main

// group says which command asks for a tool.
type group string

const (
	groupUp   group = "up"   // what `make up` and the tests run
	groupLint group = "lint" // what `make lint` runs
)

// tool is a program to build. Its go.mod decides the version; here stands only what a go.mod cannot say.
type tool struct {
	name  string // of the program
	group group
	dir   string // folder of its module, relative to this one
	pkg   string // package to build, in the module's own terms

	// release is the module whose required version is the tool's; empty if the tool is this project's own.
	release string
	// stamp is the linker variable, and what precedes the number in it, that tells the tool its version.
	stamp string
	// overlays are files that the build lays over the tool's folder: file there → file in module overlayFrom.
	overlays    map[string]string
	overlayFrom string
	// static asks for a program that runs without a C library, as one in an image of its own must.
	static bool
	// plugin is the kind and name under which Pulumi looks for the tool among the plugins; empty if it belongs on the PATH.
	plugin string
}

const (
	pulumiName   = "pulumi"
	languageName = "pulumi-language-go"
	providerName = "pulumi-resource-kubernetes"
)

// catalog lists the tools in the order they are built.
var catalog = []tool{
	{
		name:    pulumiName,
		group:   groupUp,
		dir:     "pulumi",
		pkg:     "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
		release: "github.com/pulumi/pulumi/pkg/v3",
		stamp:   "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v",
	},
	{
		// It does not compile against the SDK of the pulumi above, and drives programs on that SDK all the same.
		name:    languageName,
		group:   groupUp,
		dir:     "language-go",
		pkg:     "github.com/pulumi/pulumi/sdk/go/pulumi-language-go/v3",
		release: "github.com/pulumi/pulumi/sdk/v3",
	},
	{
		// The provider's module is required by commit; the SDK made from that commit has the release's number.
		name:    providerName,
		group:   groupUp,
		dir:     "provider-kubernetes",
		pkg:     ".",
		release: "github.com/pulumi/pulumi-kubernetes/sdk/v4",
		stamp:   "github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/version.Version=",
		overlays: map[string]string{
			"schema.json":            "cmd/pulumi-resource-kubernetes/schema.json",
			"terraform-mapping.json": "cmd/pulumi-resource-kubernetes/terraform-mapping.json",
		},
		overlayFrom: "github.com/pulumi/pulumi-kubernetes/provider/v4",
		plugin:      "resource-kubernetes",
	},
	{
		name:  "mediawiki-stack",
		group: groupUp,
		dir:   "../stack",
		pkg:   ".",
	},
	{
		name:    "cluster",
		group:   groupUp,
		dir:     "../cluster",
		pkg:     ".",
		release: "k8s.io/kubernetes",
		stamp:   "k8s.io/component-base/version.gitVersion=v",
	},
	{
		name:   "coredns",
		group:  groupUp,
		dir:    "../cluster/coredns",
		pkg:    ".",
		static: true,
	},
	{
		name:   "pause",
		group:  groupUp,
		dir:    "../cluster",
		pkg:    "./pause",
		static: true,
	},
	{
		name:    "golangci-lint",
		group:   groupLint,
		dir:     "lint",
		pkg:     "github.com/golangci/golangci-lint/v2/cmd/golangci-lint",
		release: "github.com/golangci/golangci-lint/v2",
		stamp:   "main.version=",
	},
	{
		name:    "gofumpt",
		group:   groupLint,
		dir:     "lint",
		pkg:     "mvdan.cc/gofumpt",
		release: "mvdan.cc/gofumpt",
	},
	{
		name:    "govulncheck",
		group:   groupLint,
		dir:     "lint",
		pkg:     "golang.org/x/vuln/cmd/govulncheck",
		release: "golang.org/x/vuln",
	},
}
