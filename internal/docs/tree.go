package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/mocks"
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

// resourceTree returns the tree of the resources that the program registers for a stack with default settings.
func resourceTree(pulumiYAML []byte) (*node, error) {
	cfg, err := config.Load(pulumiYAML, &config.Raw{
		Project: projectName, Stack: stackName,
		Values: map[string]string{projectName + ":masterSecret": "only to draw a picture"},
		Secret: map[string]bool{projectName + ":masterSecret": true},
	})
	if err != nil {
		return nil, err
	}
	registered, err := mocks.Run(func(ctx *pulumi.Context) error { return deploy(ctx, cfg) },
		mocks.Options{Project: projectName, Stack: stackName})
	if err != nil {
		return nil, err
	}
	return newTree(registered.Resources)
}

// deploy registers the same resources as deploy in the program's main.go.
func deploy(ctx *pulumi.Context, cfg *config.Config) error {
	target := &cluster.Cluster{Path: "kubeconfig", Context: cfg.Context, Host: "localhost"}
	provider, err := target.NewProvider(ctx, "")
	if err != nil {
		return err
	}
	_, err = components.NewMediaWikiStack(ctx, "mediawiki", cfg.StackArgs(target.Host), pulumi.Provider(provider))
	return err
}

// newTree joins the resources under the stack by their parents.
func newTree(resources []*mocks.Resource) (*node, error) {
	root := &node{kind: "Stack", name: projectName + "-" + stackName, role: roleStack}
	nodes := make(map[urn.URN]*node, len(resources))
	for _, res := range resources {
		nodes[urnOf(res)] = newNode(res)
	}
	for _, res := range resources {
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

func urnOf(res *mocks.Resource) urn.URN {
	var below tokens.Type
	if parent := urn.URN(res.RegisterRPC.GetParent()); parent.QualifiedType() != resource.RootStackType {
		below = parent.QualifiedType()
	}
	return urn.New(stackName, projectName, below, tokens.Type(res.TypeToken), res.Name)
}

func newNode(res *mocks.Resource) *node {
	n := &node{kind: res.Kind(), name: res.Name, role: roleObject}
	switch {
	case strings.HasPrefix(res.TypeToken, "pulumi:providers:"):
		n.kind, n.role = "Provider", roleProvider
	case !res.Custom:
		n.role = roleComponent
	}
	return n
}

// sort puts children in an order that does not depend on which was registered first: leaves, then branches, each by name.
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
