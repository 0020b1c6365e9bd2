package components

import (
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// httpPort is the port the MediaWiki image listens on.
const httpPort = 80

type webArgs struct {
	namespace pulumi.StringInput
	replicas  pulumi.IntInput
	image     pulumi.StringInput
	sidecars  corev1.ContainerArray
	service   ServiceArgs
	timeouts  TimeoutsArgs
}

// web is the part that answers readers: the Deployment of MediaWiki and the Service in front of it.
type web struct {
	pulumi.ResourceState

	serviceName   pulumi.StringOutput
	servicePort   pulumi.IntOutput
	nodePort      pulumi.IntOutput
	serviceStatus corev1.ServiceStatusPtrOutput
}

func newWeb(ctx *pulumi.Context, name string, args *webArgs, opts ...pulumi.ResourceOption) (*web, error) {
	w := &web{}
	if err := ctx.RegisterComponentResource(WebToken, name, w, opts...); err != nil {
		return nil, err
	}
	labels := pulumi.StringMap{"app": pulumi.String(name + "-app")}
	child := []pulumi.ResourceOption{pulumi.Parent(w), args.timeouts.resourceOption()}

	if _, err := appsv1.NewDeployment(ctx, name+"-app", deployment(args, labels), child...); err != nil {
		return nil, err
	}
	service, err := corev1.NewService(ctx, name+"-srv", service(args, labels), child...)
	if err != nil {
		return nil, err
	}
	port := service.Spec.Ports().Index(pulumi.Int(0))
	w.serviceName = service.Metadata.Name().Elem()
	w.servicePort = port.Port()
	w.nodePort = onceAssigned(args.service.Type, port.NodePort().Elem())
	w.serviceStatus = service.Status
	return w, ctx.RegisterResourceOutputs(w, pulumi.Map{})
}

// onceAssigned is a Service's node port. A preview has 0 in its place until the API server has assigned one: it is not known then.
func onceAssigned(serviceType string, port pulumi.IntOutput) pulumi.IntOutput {
	if serviceType == ServiceClusterIP {
		return port
	}
	return port.ApplyT(func(port int) pulumi.IntOutput {
		if port == 0 {
			return pulumi.UnsafeUnknownOutput(nil).ApplyT(func(any) int { return 0 }).(pulumi.IntOutput)
		}
		return pulumi.Int(port).ToIntOutput()
	}).(pulumi.IntOutput)
}

func deployment(args *webArgs, labels pulumi.StringMap) *appsv1.DeploymentArgs {
	return &appsv1.DeploymentArgs{
		Metadata: &metav1.ObjectMetaArgs{Namespace: args.namespace.ToStringOutput().ToStringPtrOutput()},
		Spec: &appsv1.DeploymentSpecArgs{
			Selector: &metav1.LabelSelectorArgs{MatchLabels: labels},
			Replicas: args.replicas.ToIntOutput().ToIntPtrOutput(),
			Template: &corev1.PodTemplateSpecArgs{
				Metadata: &metav1.ObjectMetaArgs{Labels: labels},
				Spec:     podSpec(args),
			},
		},
	}
}

func podSpec(args *webArgs) *corev1.PodSpecArgs {
	const uploads = "mediawiki-volume"
	mediawiki := &corev1.ContainerArgs{
		Name:  pulumi.String("mediawiki-container"),
		Image: args.image.ToStringOutput().ToStringPtrOutput(),
		VolumeMounts: corev1.VolumeMountArray{
			corev1.VolumeMountArgs{MountPath: pulumi.String("/var/www/html/images"), Name: pulumi.String(uploads)},
		},
		Ports: corev1.ContainerPortArray{corev1.ContainerPortArgs{ContainerPort: pulumi.Int(httpPort)}},
	}
	return &corev1.PodSpecArgs{
		Containers: append(corev1.ContainerArray{mediawiki}, args.sidecars...),
		Volumes:    corev1.VolumeArray{corev1.VolumeArgs{Name: pulumi.String(uploads), EmptyDir: &corev1.EmptyDirVolumeSourceArgs{}}},
	}
}

func service(args *webArgs, labels pulumi.StringMap) *corev1.ServiceArgs {
	return &corev1.ServiceArgs{
		Metadata: &metav1.ObjectMetaArgs{Namespace: args.namespace.ToStringOutput().ToStringPtrOutput(), Labels: labels},
		Spec: &corev1.ServiceSpecArgs{
			Type:     pulumi.String(args.service.Type),
			Selector: labels,
			Ports: corev1.ServicePortArray{corev1.ServicePortArgs{
				Port:       args.service.Port,
				TargetPort: pulumi.Int(httpPort),
				Protocol:   pulumi.String("TCP"),
				NodePort:   args.service.NodePort,
			}},
		},
	}
}
