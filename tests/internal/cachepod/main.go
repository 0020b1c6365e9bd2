// Command cachepod prints a wiki's Varnish Pod and the files mounted in it as JSON. The tests of images run that Pod without a cluster.
//
//	usage: cachepod PROFILE
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: cachepod PROFILE")
		os.Exit(2)
	}
	seen, err := run(os.Args[1])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(seen)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cachepod:", err)
		os.Exit(1)
	}
}

// objects are what the caches consist of, as registered with the engine.
type objects struct {
	Pod   any               // a PodSpec
	Files map[string]string // of the ConfigMap that is mounted in it
}

func run(profile string) (*objects, error) {
	o := &objects{Files: map[string]string{}}
	return o, pulumi.RunErr(func(ctx *pulumi.Context) error {
		_, err := components.NewMediaWikiStack(ctx, "mediawiki", &components.MediaWikiStackArgs{
			Namespace: pulumi.String("wiki"), MasterSecret: pulumi.String("the secret of no wiki"), Profile: profile,
		})
		return err
	}, pulumi.WithMocks("mediawiki", "test", o))
}

// NewResource returns what the API server would: every Service has the loopback address.
func (o *objects) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	state := args.Inputs.Copy()
	if strings.HasPrefix(args.TypeToken, "kubernetes:") {
		state["metadata"] = resource.NewObjectProperty(resource.PropertyMap{"name": resource.NewStringProperty(args.Name)})
	}
	inputs := args.Inputs.Mappable()
	switch {
	case args.TypeToken == "kubernetes:core/v1:Service":
		spec := state["spec"].ObjectValue()
		spec["clusterIP"] = resource.NewStringProperty("127.0.0.1")
		spec["ports"].ArrayValue()[0].ObjectValue()["nodePort"] = resource.NewNumberProperty(30080)
	case args.TypeToken == "kubernetes:apps/v1:StatefulSet" && args.Name == "mediawiki-cache":
		o.Pod = inputs["spec"].(map[string]any)["template"].(map[string]any)["spec"]
	case args.TypeToken == "kubernetes:core/v1:ConfigMap" && args.Name == "mediawiki-cache":
		for name, text := range inputs["data"].(map[string]any) {
			o.Files[name] = text.(string)
		}
	}
	return args.Name + "_id", state, nil
}

// Call is not used: the component calls no function.
func (o *objects) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}
