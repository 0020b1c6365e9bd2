package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/dustin/go-humanize/english"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
)

// dns checks whether Pods can resolve names. The wiki's own Pods do not need that to find each other.
func dns(ctx context.Context, e *Environment) ([]Finding, error) {
	const namespace = "kube-system"
	services, err := e.Client.CoreV1().Services(namespace).List(ctx, metav1.ListOptions{LabelSelector: "k8s-app=kube-dns"})
	if err != nil {
		return nil, err
	}
	const why = "the wiki keeps running, because its Pods have each other's addresses; but an external database, the mail server and " +
		"remote backups are found by name"
	if len(services.Items) == 0 {
		return []Finding{{
			Level: Warning, What: "there is no Service with label k8s-app=kube-dns in kube-system", Why: why,
			Fix: cluster.OnTheMachine("microk8s enable dns"),
		}}, nil
	}
	service := services.Items[0]
	slices, err := e.Client.DiscoveryV1().EndpointSlices(namespace).List(ctx,
		metav1.ListOptions{LabelSelector: "kubernetes.io/service-name=" + service.Name})
	if err != nil {
		return nil, err
	}
	ready := map[string]bool{}
	for _, slice := range slices.Items {
		for _, endpoint := range slice.Endpoints {
			if endpoint.Conditions.Ready == nil || *endpoint.Conditions.Ready {
				ready[strings.Join(endpoint.Addresses, ",")] = true
			}
		}
	}
	if len(ready) == 0 {
		return []Finding{{
			Level: Warning, What: fmt.Sprintf("no Pod behind Service kube-system/%s is ready", service.Name), Why: why,
			Fix: "kubectl --namespace kube-system describe pod -l k8s-app=kube-dns",
		}}, nil
	}
	return passed("%s answers at %s", english.Plural(len(ready), "ready Pod", ""), service.Spec.ClusterIP), nil
}

// ingressClass checks whether a controller serves the wiki's Ingresses, if it has any.
func ingressClass(ctx context.Context, e *Environment) ([]Finding, error) {
	classes, err := e.Client.NetworkingV1().IngressClasses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	exists, defaultClass := map[string]bool{}, ""
	names := make([]string, 0, len(classes.Items))
	for i := range classes.Items {
		class := &classes.Items[i]
		exists[class.Name] = true
		names = append(names, class.Name)
		if class.Annotations["ingressclass.kubernetes.io/is-default-class"] == "true" {
			defaultClass = class.Name
		}
	}
	if e.Namespace != "" {
		ingresses, err := e.Client.NetworkingV1().Ingresses(e.Namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		for _, ingress := range ingresses.Items {
			class := defaultClass
			if ingress.Spec.IngressClassName != nil {
				class = *ingress.Spec.IngressClassName
			}
			if !exists[class] {
				return []Finding{{
					Level: Failure, What: fmt.Sprintf("Ingress %s has class %q, which does not exist", ingress.Name, class),
					Why: "no controller serves it, so readers cannot reach the wiki", Fix: cluster.OnTheMachine("microk8s enable ingress"),
				}}, nil
			}
		}
	}
	if len(names) == 0 {
		return passed("there is none, and the wiki needs none: readers reach it on a node port"), nil
	}
	return passed("%s", strings.Join(names, ", ")), nil
}

// The default range of node ports.
const firstNodePort, lastNodePort = 30000, 32767

// nodePort checks whether another Service has the port that the stack is configured with.
func nodePort(ctx context.Context, e *Environment) ([]Finding, error) {
	services, err := e.Client.CoreV1().Services(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	taken, own := 0, int32(0)
	for i := range services.Items {
		service := &services.Items[i]
		ours := e.Namespace != "" && service.Namespace == e.Namespace && strings.HasPrefix(service.Name, e.Name+"-")
		for _, port := range service.Spec.Ports {
			if port.NodePort == 0 {
				continue
			}
			taken++
			if ours && service.Spec.Type == corev1.ServiceTypeNodePort {
				own = port.NodePort
			}
			if e.Stack != nil && port.NodePort == e.Stack.NodePort && !ours {
				return []Finding{{
					Level: Failure, What: fmt.Sprintf("%d, which the stack is configured with, belongs to Service %s/%s",
						port.NodePort, service.Namespace, service.Name),
					Why: "only one Service can have a port: pulumi up fails",
					Fix: "pulumi config set nodePort 0     (Kubernetes chooses a free one)",
				}}, nil
			}
		}
	}
	switch {
	case own != 0:
		return passed("%d belongs to the wiki", own), nil
	case e.Stack != nil && e.Stack.NodePort != 0:
		return passed("%d, which the stack is configured with, is free", e.Stack.NodePort), nil
	}
	return passed("%d of %d are in use; Kubernetes chooses one", taken, lastNodePort-firstNodePort+1), nil
}
