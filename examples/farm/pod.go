package main

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// mysql is the ID of user and group mysql in the image.
const mysql = 999

// podTemplate returns a Pod with one container that fulfils the Pod Security Standard "restricted". spec has the Pod's other fields.
func podTemplate(app string, spec *corev1.PodSpecArgs, container *corev1.ContainerArgs) *corev1.PodTemplateSpecArgs {
	container.SecurityContext = &corev1.SecurityContextArgs{
		AllowPrivilegeEscalation: pulumi.Bool(false),
		ReadOnlyRootFilesystem:   pulumi.Bool(true),
		Capabilities:             &corev1.CapabilitiesArgs{Drop: pulumi.ToStringArray([]string{"ALL"})},
	}
	spec.Containers = corev1.ContainerArray{container}
	spec.AutomountServiceAccountToken = pulumi.Bool(false)
	spec.EnableServiceLinks = pulumi.Bool(false)
	spec.SecurityContext = &corev1.PodSecurityContextArgs{
		RunAsNonRoot: pulumi.Bool(true), RunAsUser: pulumi.Int(mysql), RunAsGroup: pulumi.Int(mysql),
		FsGroup: pulumi.Int(mysql), FsGroupChangePolicy: pulumi.String("OnRootMismatch"),
		SeccompProfile: &corev1.SeccompProfileArgs{Type: pulumi.String("RuntimeDefault")},
	}
	return &corev1.PodTemplateSpecArgs{Metadata: &metav1.ObjectMetaArgs{Labels: labelled("app", app).MatchLabels}, Spec: spec}
}

// serverPods selects the server's Pod.
var serverPods = labelled("app", serverName)

// labelled returns a selector of the objects with a label.
func labelled(key, value string) *metav1.LabelSelectorArgs {
	return &metav1.LabelSelectorArgs{MatchLabels: pulumi.StringMap{key: pulumi.String(value)}}
}

// port returns MariaDB's port for the rule of a NetworkPolicy.
func port() networkingv1.NetworkPolicyPortArray {
	return networkingv1.NetworkPolicyPortArray{networkingv1.NetworkPolicyPortArgs{Protocol: pulumi.String("TCP"), Port: pulumi.Int(3306)}}
}

func mount(volume, path, folder string) corev1.VolumeMountArgs {
	m := corev1.VolumeMountArgs{Name: pulumi.String(volume), MountPath: pulumi.String(path)}
	if folder != "" {
		m.SubPath = pulumi.String(folder)
	}
	return m
}

// secretVolume returns a volume whose files only the Pod's user can read.
func secretVolume(name string, secret *corev1.Secret) corev1.VolumeArgs {
	return corev1.VolumeArgs{Name: pulumi.String(name), Secret: &corev1.SecretVolumeSourceArgs{
		SecretName: secret.Metadata.Name(), DefaultMode: pulumi.Int(0o440),
	}}
}

func resources(cpu, memory, memoryLimit, disk string) *corev1.ResourceRequirementsArgs {
	return &corev1.ResourceRequirementsArgs{
		Requests: pulumi.StringMap{"cpu": pulumi.String(cpu), "memory": pulumi.String(memory), "ephemeral-storage": pulumi.String("16Mi")},
		Limits:   pulumi.StringMap{"memory": pulumi.String(memoryLimit), "ephemeral-storage": pulumi.String(disk)},
	}
}
