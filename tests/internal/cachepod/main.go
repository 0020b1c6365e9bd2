// Command cachepod prints a wiki's Varnish Pod and the files mounted in it as JSON. The tests of images run that Pod without a cluster.
//
//	usage: cachepod PROFILE [PROXY...]     PROXY is the address of a trusted proxy
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: cachepod PROFILE [PROXY...]")
		os.Exit(2)
	}
	printed, err := run(os.Args[1], os.Args[2:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(printed)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "cachepod:", err)
		os.Exit(1)
	}
}

// objects are what the caches consist of, as registered with the engine.
type objects struct {
	Pod   corev1.PodSpec
	Files map[string]string // of the ConfigMap that is mounted in it
}

func run(profile string, proxies []string) (*objects, error) {
	registered, err := mocks.Run(func(ctx *pulumi.Context) error {
		_, err := components.NewMediaWikiStack(ctx, "mediawiki", &components.MediaWikiStackArgs{
			Namespace: pulumi.String("wiki"), MasterSecret: pulumi.String("the secret of no wiki"), Profile: profile,
			Service: components.ServiceArgs{TrustedProxies: proxies},
		})
		return err
	}, mocks.Options{})
	if err != nil {
		return nil, err
	}
	varnish, err := mocks.Get[appsv1.StatefulSet](registered, "mediawiki-cache")
	if err != nil {
		return nil, err
	}
	files, err := mocks.Get[corev1.ConfigMap](registered, "mediawiki-cache")
	if err != nil {
		return nil, err
	}
	return &objects{Pod: varnish.Spec.Template.Spec, Files: files.Data}, nil
}
