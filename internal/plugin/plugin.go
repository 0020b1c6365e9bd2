// Package plugin serves MediaWikiStack to Pulumi programs in other languages.
//
// Pulumi starts a plugin as a process with the engine's address as its argument, asks it for a schema, and calls Construct for each
// MediaWikiStack of the program. The schema is generated from the package components by `make docs`.
package plugin

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/provider"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"

	"github.com/mediawiki-stack/mediawiki-stack/components"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
	"github.com/mediawiki-stack/mediawiki-stack/internal/release"
)

// Name is the name of the package in every language.
const Name = "mediawiki"

// Schema is the package's schema, without its version: https://www.pulumi.com/docs/iac/guides/building-extending/packages/schema/
//
//go:embed schema.json
var Schema []byte

// Requested reports whether Pulumi has started this process as a plugin. Pulumi starts a program without arguments.
func Requested() bool { return len(os.Args) > 1 }

// Main serves the plugin until Pulumi ends it, and returns the process' exit status.
func Main() int {
	err := provider.Main(Name, func(engine *provider.HostClient) (pulumirpc.ResourceProviderServer, error) {
		if engine == nil {
			return nil, errors.New("the engine's address is missing: Pulumi starts this plugin itself")
		}
		return &server{engine: engine}, nil
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, "pulumi-resource-mediawiki:", err)
		return 1
	}
	return 0
}

// server answers the engine.
type server struct {
	pulumirpc.UnimplementedResourceProviderServer

	engine *provider.HostClient
}

func (*server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: release.Semantic()}, nil
}

// GetSchema returns the schema with the version of this build.
func (*server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	var schema map[string]any
	if err := json.Unmarshal(Schema, &schema); err != nil {
		return nil, err
	}
	schema["version"] = release.Semantic()
	text, err := json.Marshal(schema)
	return &pulumirpc.GetSchemaResponse{Schema: string(text)}, err
}

func (*server) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, AcceptResources: true, AcceptOutputs: true, SupportsPreview: true}, nil
}

func (*server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// Construct creates a wiki. Inputs that the schema does not allow are all reported in one error; languages without types would ignore them.
func (s *server) Construct(ctx context.Context, request *pulumirpc.ConstructRequest) (*pulumirpc.ConstructResponse, error) {
	if request.GetType() != parts.StackToken {
		return nil, fmt.Errorf("there is no %s in this package; it has %s", request.GetType(), parts.StackToken)
	}
	given, err := plugin.UnmarshalProperties(request.GetInputs(),
		plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true})
	if err != nil {
		return nil, err
	}
	if err := checkInputs(given); err != nil {
		return nil, fmt.Errorf("MediaWikiStack %q: %w", request.GetName(), err)
	}
	return provider.Construct(ctx, request, s.engine.EngineConn(), construct)
}

// construct calls the constructor that programs in Go call.
func construct(
	ctx *pulumi.Context, _, name string, inputs provider.ConstructInputs, options pulumi.ResourceOption,
) (*provider.ConstructResult, error) {
	args := &components.MediaWikiStackArgs{}
	if err := inputs.CopyTo(args); err != nil {
		return nil, err
	}
	stack, err := components.NewMediaWikiStack(ctx, name, args, options)
	if err != nil {
		return nil, err
	}
	return provider.NewConstructResult(stack)
}
