package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
)

// The stack that is drawn.
const (
	projectName = "mediawiki"
	stackName   = "rpi"
)

// node is a resource of the tree.
type node struct {
	kind     string // last part of the type's token
	name     string
	role     role
	children []*node
}

// role is what a resource is to a reader. It decides how it is drawn.
type role string

const (
	roleStack     role = "stack"
	roleProvider  role = "provider"
	roleComponent role = "component"
	roleObject    role = "object" // of Kubernetes
)

// resourceTree is the tree of the resources that the program registers for a stack with default settings.
func resourceTree(pulumiYAML []byte) (*node, error) {
	cfg, err := config.Load(pulumiYAML, &config.Raw{
		Project: projectName, Stack: stackName,
		Values: map[string]string{projectName + ":masterSecret": "only to draw a picture"},
		Secret: map[string]bool{projectName + ":masterSecret": true},
	})
	if err != nil {
		return nil, err
	}
	var found recorder
	err = pulumi.RunErr(func(ctx *pulumi.Context) error { return deploy(ctx, cfg) }, pulumi.WithMocks(projectName, stackName, &found))
	if err != nil {
		return nil, err
	}
	return found.tree()
}

// deploy registers what the deploy of the program's main.go does.
func deploy(ctx *pulumi.Context, cfg *config.Config) error {
	target := &cluster.Cluster{Path: "kubeconfig", Context: cfg.Context, Host: "localhost"}
	provider, err := target.NewProvider(ctx, "")
	if err != nil {
		return err
	}
	_, err = components.NewMediaWikiStack(ctx, "mediawiki", cfg.StackArgs(target.Host), pulumi.Provider(provider))
	return err
}

// recorder stands in for the engine and remembers what was registered.
type recorder struct {
	mu        sync.Mutex
	resources []pulumi.MockResourceArgs
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resources = append(r.resources, args)
	return args.Name, args.Inputs, nil
}

func (r *recorder) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return nil, errors.New("the program calls no function of a provider")
}

// tree joins the resources under the stack by their parents.
func (r *recorder) tree() (*node, error) {
	root := &node{kind: "Stack", name: projectName + "-" + stackName, role: roleStack}
	nodes := make(map[urn.URN]*node, len(r.resources))
	for _, res := range r.resources {
		nodes[urnOf(res)] = newNode(res)
	}
	for _, res := range r.resources {
		parent := root
		if above := urn.URN(res.RegisterRPC.GetParent()); above.QualifiedType() != resource.RootStackType {
			if parent = nodes[above]; parent == nil {
				return nil, fmt.Errorf("%s has a parent that was not registered: %s", urnOf(res), above)
			}
		}
		parent.children = append(parent.children, nodes[urnOf(res)])
	}
	root.sort()
	return root, nil
}

func urnOf(res pulumi.MockResourceArgs) urn.URN {
	var below tokens.Type
	if parent := urn.URN(res.RegisterRPC.GetParent()); parent.QualifiedType() != resource.RootStackType {
		below = parent.QualifiedType()
	}
	return urn.New(stackName, projectName, below, tokens.Type(res.TypeToken), res.Name)
}

func newNode(res pulumi.MockResourceArgs) *node {
	n := &node{kind: res.TypeToken[strings.LastIndex(res.TypeToken, ":")+1:], name: res.Name, role: roleObject}
	switch {
	case strings.HasPrefix(res.TypeToken, "pulumi:providers:"):
		n.kind, n.role = "Provider", roleProvider
	case !res.Custom:
		n.role = roleComponent
	}
	return n
}

// sort puts children in an order that does not depend on who was registered first: leaves, then branches, each by name.
func (n *node) sort() {
	for _, child := range n.children {
		child.sort()
	}
	slices.SortFunc(n.children, func(a, b *node) int {
		return cmp.Or(
			cmp.Compare(min(len(a.children), 1), min(len(b.children), 1)),
			strings.Compare(a.kind, b.kind),
			strings.Compare(a.name, b.name),
		)
	})
}
