package components_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
)

// A program with one wiki. Its master secret is set once: pulumi config set --secret masterSecret
func ExampleNewMediaWikiStack() {
	up(func(ctx *pulumi.Context) error {
		microk8s, err := kubernetes.NewProvider(ctx, "microk8s", &kubernetes.ProviderArgs{
			Kubeconfig: pulumi.String("~/.kube/config"),
			Context:    pulumi.String("microk8s"),
		})
		if err != nil {
			return err
		}
		wiki, err := components.NewMediaWikiStack(ctx, "team", &components.MediaWikiStackArgs{
			Namespace:       pulumi.String("team-wiki"),
			CreateNamespace: true,
			MasterSecret:    requireSecret(ctx, "masterSecret"),
			Replicas:        pulumi.IntRef(1),
			Service:         components.ServiceArgs{NodePort: 30080},
			NodeHost:        pulumi.String("raspberrypi.local"),
		}, pulumi.Provider(microk8s))
		if err != nil {
			return err
		}
		ctx.Export("url", wiki.URL)
		return nil
	})

	// Output:
	// Deployment team-app in team-wiki
	// Deployment team-jobs in team-wiki
	// Deployment team-objectcache in team-wiki
	// Job team-migration in team-wiki
	// PersistentVolumeClaim team-backups in team-wiki
	// PersistentVolumeClaim team-db in team-wiki
	// PersistentVolumeClaim team-uploads in team-wiki
	// Service team-app in team-wiki
	// Service team-cache-0 in team-wiki
	// Service team-cache-1 in team-wiki
	// Service team-db in team-wiki
	// Service team-objectcache in team-wiki
	// Service team-srv in team-wiki
	// StatefulSet team-cache in team-wiki
	// StatefulSet team-db in team-wiki
	// url: http://raspberrypi.local:30080
}

// Two wikis in one program, each under its own name and with a secret of its own. They share a namespace that exists.
func ExampleNewMediaWikiStack_twoWikis() {
	up(func(ctx *pulumi.Context) error {
		microk8s, err := kubernetes.NewProvider(ctx, "microk8s", &kubernetes.ProviderArgs{
			Kubeconfig: pulumi.String("~/.kube/config"),
			Context:    pulumi.String("microk8s"),
		})
		if err != nil {
			return err
		}
		for _, name := range []string{"handbook", "recipes"} {
			wiki, err := components.NewMediaWikiStack(ctx, name, &components.MediaWikiStackArgs{
				Namespace:    pulumi.String("wikis"),
				MasterSecret: requireSecret(ctx, name+"Secret"),
				SiteURL:      fmt.Sprintf("https://%s.example.org", name),
			}, pulumi.Provider(microk8s))
			if err != nil {
				return err
			}
			ctx.Export(name, wiki.URL)
		}
		return nil
	})

	// Output:
	// Deployment handbook-app in wikis
	// Deployment handbook-jobs in wikis
	// Deployment handbook-objectcache in wikis
	// Deployment recipes-app in wikis
	// Deployment recipes-jobs in wikis
	// Deployment recipes-objectcache in wikis
	// Job handbook-migration in wikis
	// Job recipes-migration in wikis
	// PersistentVolumeClaim handbook-backups in wikis
	// PersistentVolumeClaim handbook-db in wikis
	// PersistentVolumeClaim handbook-uploads in wikis
	// PersistentVolumeClaim recipes-backups in wikis
	// PersistentVolumeClaim recipes-db in wikis
	// PersistentVolumeClaim recipes-uploads in wikis
	// Service handbook-app in wikis
	// Service handbook-cache-0 in wikis
	// Service handbook-cache-1 in wikis
	// Service handbook-db in wikis
	// Service handbook-objectcache in wikis
	// Service handbook-srv in wikis
	// Service recipes-app in wikis
	// Service recipes-cache-0 in wikis
	// Service recipes-cache-1 in wikis
	// Service recipes-db in wikis
	// Service recipes-objectcache in wikis
	// Service recipes-srv in wikis
	// StatefulSet handbook-cache in wikis
	// StatefulSet handbook-db in wikis
	// StatefulSet recipes-cache in wikis
	// StatefulSet recipes-db in wikis
	// handbook: https://handbook.example.org
	// recipes: https://recipes.example.org
}

// requireSecret stands in for config.RequireSecret of github.com/pulumi/pulumi/sdk/v3/go/pulumi/config, which is what a program calls.
func requireSecret(ctx *pulumi.Context, key string) pulumi.StringOutput {
	text, ok := ctx.GetConfig(ctx.Project() + ":" + key)
	if !ok {
		panic("type: pulumi config set --secret " + key)
	}
	return pulumi.ToSecret(pulumi.String(text)).(pulumi.StringOutput)
}

// shown are the kinds of objects that these examples print: those that run, and those that keep.
var shown = []string{"Deployment", "StatefulSet", "Job", "Service", "PersistentVolumeClaim"}

// up stands in for `pulumi up`: it prints the Kubernetes objects and the outputs of a program, and creates nothing.
func up(program pulumi.RunFunc) {
	var e engine
	settings := map[string]string{
		"wikis:masterSecret":   "an example, no secret",
		"wikis:handbookSecret": "an example, no secret",
		"wikis:recipesSecret":  "another example",
	}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		err := program(ctx)
		for name, output := range ctx.GetCurrentExportMap() {
			pulumi.All(output).ApplyT(func(all []any) []any {
				e.note("%s: %v", name, all[0])
				return all
			})
		}
		return err
	}, pulumi.WithMocks("wikis", "example", &e), func(info *pulumi.RunInfo) { info.Config = settings })
	if err != nil {
		e.note("error: %v", err)
	}
	slices.Sort(e.lines)
	fmt.Println(strings.Join(e.lines, "\n"))
}

// engine notes what is registered.
type engine struct {
	mu    sync.Mutex
	lines []string
}

func (e *engine) note(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.lines = append(e.lines, fmt.Sprintf(format, args...))
}

func (e *engine) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if !strings.HasPrefix(args.TypeToken, "kubernetes:") {
		return args.Name, args.Inputs, nil
	}
	kind := args.TypeToken[strings.LastIndex(args.TypeToken, ":")+1:]
	if slices.Contains(shown, kind) {
		e.note("%s %s in %s", kind, args.Name, args.Inputs["metadata"].ObjectValue()["namespace"].StringValue())
	}
	return args.Name, args.Inputs, nil
}

func (e *engine) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}
