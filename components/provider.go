package components

import (
	"fmt"
	"runtime/debug"

	"k8s.io/apimachinery/pkg/util/version"
)

// The provider's module, and the versions of it that these components work with: from strictProvider on it fails to create an object that
// exists, but a stack that comes back adopts its claims, and an update that is run again after a kill adopts what the first one made.
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
	is, err := version.ParseSemantic(brought)
	if err != nil || is.LessThan(version.MustParseSemantic(strictProvider)) {
		return nil //nolint:nilerr // a provider without a version was built by somebody who knows
	}
	return fmt.Errorf("pulumi-kubernetes %s is too new: from %s on it does not adopt objects that exist, which a wiki needs that comes "+
		"back after pulumi destroy\n  type: go get %s@%s", brought, strictProvider, providerModule, testedProvider)
}
