package doctor

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// dns looks at whether Pods can resolve names. Those of a wiki are given the addresses of each other.
func dns(ctx context.Context, p *Patient) ([]Finding, error) {
	const namespace = "kube-system"
	services, err := p.Client.CoreV1().Services(namespace).List(ctx, metav1.ListOptions{LabelSelector: "k8s-app=kube-dns"})
	if err != nil {
		return nil, err
	}
	const why = "the wiki runs on: its Pods are given each other's addresses. But a database elsewhere, mail and copies of backups are " +
		"found by name"
	if len(services.Items) == 0 {
		return []Finding{{
			Level: Warning, What: "there is no Service with label k8s-app=kube-dns in kube-system", Why: why,
			Type: onTheMachine("microk8s enable dns"),
		}}, nil
	}
	service := services.Items[0]
	slices, err := p.Client.DiscoveryV1().EndpointSlices(namespace).List(ctx,
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
			Type: "kubectl --namespace kube-system describe pod -l k8s-app=kube-dns",
		}}, nil
	}
	return fine("%s answers at %s", counted(len(ready), "ready Pod"), service.Spec.ClusterIP), nil
}

// ingressClass looks at whether the Ingresses of the wiki, if it has some, are anybody's.
func ingressClass(ctx context.Context, p *Patient) ([]Finding, error) {
	classes, err := p.Client.NetworkingV1().IngressClasses().List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	there, byItself := map[string]bool{}, ""
	names := make([]string, 0, len(classes.Items))
	for i := range classes.Items {
		class := &classes.Items[i]
		there[class.Name] = true
		names = append(names, class.Name)
		if class.Annotations["ingressclass.kubernetes.io/is-default-class"] == "true" {
			byItself = class.Name
		}
	}
	if p.Namespace != "" {
		ingresses, err := p.Client.NetworkingV1().Ingresses(p.Namespace).List(ctx, metav1.ListOptions{})
		if err != nil {
			return nil, err
		}
		for _, ingress := range ingresses.Items {
			class := byItself
			if ingress.Spec.IngressClassName != nil {
				class = *ingress.Spec.IngressClassName
			}
			if !there[class] {
				return []Finding{{
					Level: Failure, What: fmt.Sprintf("Ingress %s asks for class %q, which is not there", ingress.Name, class),
					Why: "no controller serves it: readers do not reach the wiki", Type: onTheMachine("microk8s enable ingress"),
				}}, nil
			}
		}
	}
	if len(names) == 0 {
		return fine("there is none, and the wiki needs none: it is reached at a port of the nodes"), nil
	}
	return fine("%s", strings.Join(names, ", ")), nil
}

// The node ports of Kubernetes, unless its API server is told otherwise.
const firstNodePort, lastNodePort = 30000, 32767

// nodePort looks at whether the port that the stack asks for is somebody else's.
func nodePort(ctx context.Context, p *Patient) ([]Finding, error) {
	services, err := p.Client.CoreV1().Services(metav1.NamespaceAll).List(ctx, metav1.ListOptions{})
	if err != nil {
		return nil, err
	}
	taken, own := 0, int32(0)
	for i := range services.Items {
		service := &services.Items[i]
		ours := p.Namespace != "" && service.Namespace == p.Namespace && strings.HasPrefix(service.Name, p.Name+"-")
		for _, port := range service.Spec.Ports {
			if port.NodePort == 0 {
				continue
			}
			taken++
			if ours && service.Spec.Type == corev1.ServiceTypeNodePort {
				own = port.NodePort
			}
			if p.Stack != nil && port.NodePort == p.Stack.NodePort && !ours {
				return []Finding{{
					Level: Failure, What: fmt.Sprintf("%d, which the stack asks for, is that of Service %s/%s",
						port.NodePort, service.Namespace, service.Name),
					Why:  "a port has one owner: pulumi up fails",
					Type: "pulumi config set nodePort 0     (Kubernetes chooses one that is free)",
				}}, nil
			}
		}
	}
	switch {
	case own != 0:
		return fine("%d is the wiki's", own), nil
	case p.Stack != nil && p.Stack.NodePort != 0:
		return fine("%d, which the stack asks for, is free", p.Stack.NodePort), nil
	}
	return fine("%d of %d are taken; Kubernetes chooses one", taken, lastNodePort-firstNodePort+1), nil
}
