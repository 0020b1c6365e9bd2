package components

import (
	"fmt"
	"runtime/debug"

	"k8s.io/apimachinery/pkg/util/version"
)

// The provider's module, the version that these components are tested with, and the first version that they refuse: from strictProvider on,
// the provider fails to create an object that exists. A stack that is created again has to adopt its claims, and an update that is run
// again after a kill has to adopt what the first run created.
// docs/decisions/0030-a-wiki-stays-where-it-is.md has the steps of an upgrade.
const (
	providerModule = "github.com/pulumi/pulumi-kubernetes/sdk/v4"
	testedProvider = "v4.25.0"
	strictProvider = "v4.29.0"
)

// providerVersion returns the version of the provider that the program brings, or "" if it is not known. It is the version of the SDK.
func providerVersion() string {
	build, known := debug.ReadBuildInfo()
	if !known {
		return ""
	}
	for _, module := range build.Deps {
		if module.Path == providerModule {
			return module.Version
		}
	}
	return ""
}

// checkProvider refuses a provider that would fail halfway through an update.
func checkProvider(brought string) error {
	parsed, err := version.ParseSemantic(brought)
	if err != nil || parsed.LessThan(version.MustParseSemantic(strictProvider)) {
		return nil //nolint:nilerr // a provider without a version is a development build
	}
	return fmt.Errorf("pulumi-kubernetes %s is too new: from %s on it does not adopt objects that exist, so a wiki could not be created "+
		"again after pulumi destroy\n  type: go get %s@%s", brought, strictProvider, providerModule, testedProvider)
}
