package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"

	"github.com/mediawiki-stack/mediawiki-stack/internal/certificates"
	"github.com/mediawiki-stack/mediawiki-stack/internal/cluster"
	"github.com/mediawiki-stack/mediawiki-stack/internal/config"
	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

var (
	ingresses      = networkingv1.SchemeGroupVersion.WithResource("ingresses")
	ingressClasses = networkingv1.SchemeGroupVersion.WithResource("ingressclasses")
	secretObjects  = corev1.SchemeGroupVersion.WithResource("secrets")
	certManager    = schema.GroupVersion{Group: "cert-manager.io", Version: "v1"}
)

// solverLabel marks the Ingresses by which cert-manager answers an authority's challenges for the wiki's hosts.
const solverLabel = "acme.cert-manager.io/http01-solver"

// frontDoor is what the cluster has for an Ingress.
type frontDoor struct {
	classes   []networkingv1.IngressClass
	ingresses []networkingv1.Ingress     // of all namespaces
	managed   bool                       // whether cert-manager is installed
	issuer    *unstructured.Unstructured // tls.issuer; nil if it does not exist
	secret    *corev1.Secret             // tls.secret; nil if it does not exist
}

// readFrontDoor reads what the wiki's Ingress needs.
func readFrontDoor(ctx context.Context, client dynamic.Interface, cfg *config.Config) (*frontDoor, error) {
	door, tls := &frontDoor{}, cfg.Ingress.TLS
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) {
		door.classes, err = list[networkingv1.IngressClass](ctx, client.Resource(ingressClasses))
		return err
	})
	group.Go(func() (err error) {
		door.ingresses, err = list[networkingv1.Ingress](ctx, client.Resource(ingresses))
		return err
	})
	if tls.Email != "" || tls.Issuer != "" {
		group.Go(func() error {
			certificates := client.Resource(certManager.WithResource("certificates")).Namespace(cfg.Namespace)
			_, err := certificates.List(ctx, metav1.ListOptions{Limit: 1})
			door.managed = err == nil
			return ignoreNotFound(err)
		})
	}
	if kind, name, err := certificates.ParseIssuer(tls.Issuer); err == nil {
		group.Go(func() (err error) {
			issuers := client.Resource(certManager.WithResource(strings.ToLower(kind) + "s"))
			if kind == "Issuer" {
				door.issuer, err = issuers.Namespace(cfg.Namespace).Get(ctx, name, metav1.GetOptions{})
			} else {
				door.issuer, err = issuers.Get(ctx, name, metav1.GetOptions{})
			}
			return ignoreNotFound(err)
		})
	}
	if tls.Secret != "" {
		group.Go(func() error {
			object, err := client.Resource(secretObjects).Namespace(cfg.Namespace).Get(ctx, tls.Secret, metav1.GetOptions{})
			if err != nil {
				return ignoreNotFound(err)
			}
			door.secret = &corev1.Secret{}
			return convert(object, door.secret)
		})
	}
	return door, group.Wait()
}

func ignoreNotFound(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}

// checkIngress refuses an Ingress that no controller would serve, or whose certificate nobody would issue.
func (f *Findings) checkIngress(ctx context.Context, client dynamic.Interface, name string, cfg *config.Config) error {
	if !cfg.Ingress.Enabled {
		return nil
	}
	door, err := readFrontDoor(ctx, client, cfg)
	if err != nil {
		return err
	}
	f.checkIngressClass(door, cfg)
	f.checkIngressHosts(door, name, cfg)
	f.checkCertificate(door, cfg)
	return nil
}

func (f *Findings) checkIngressClass(door *frontDoor, cfg *config.Config) {
	names, isDefault := make([]string, 0, len(door.classes)), false
	for _, class := range door.classes {
		names = append(names, class.Name)
		isDefault = isDefault || class.Annotations[networkingv1.AnnotationIsDefaultIngressClass] == "true"
	}
	class := cfg.Ingress.Class
	problem := config.Problem{Key: "ingress.class", Found: fmt.Sprintf("%q, which does not exist in the cluster", class)}
	switch {
	case class == "" && isDefault || slices.Contains(names, class):
		return
	case class == "":
		problem.Found = "not set, and the cluster has no default ingress class"
	}
	problem.Want, problem.Fix = "an ingress controller; the cluster has none", cluster.OnTheMachine("microk8s enable ingress")
	if len(names) > 0 {
		problem.Want = "one of " + strings.Join(names, ", ")
		problem.Fix = "pulumi config set --path ingress.class " + names[0]
	}
	f.Problems = append(f.Problems, problem)
}

// checkIngressHosts refuses hosts that another Ingress has: which of the two a controller would serve is not defined.
func (f *Findings) checkIngressHosts(door *frontDoor, name string, cfg *config.Config) {
	for _, other := range door.ingresses {
		if other.Namespace == cfg.Namespace && (other.Name == parts.Ingress.Of(name) || other.Labels[solverLabel] != "") {
			continue
		}
		for _, rule := range other.Spec.Rules {
			if !slices.Contains(cfg.Hosts(), rule.Host) {
				continue
			}
			key, change := "siteUrl", "pulumi config set siteUrl https://OTHER"
			if i := slices.Index(cfg.Aliases, rule.Host); i >= 0 {
				key, change = "aliases", fmt.Sprintf("pulumi config rm --path 'aliases[%d]'", i)
			}
			f.Problems = append(f.Problems, config.Problem{
				Key: key, Found: fmt.Sprintf("%s, which is also a host of Ingress %s/%s", rule.Host, other.Namespace, other.Name),
				Want: "a host that no other Ingress has", Fix: fmt.Sprintf("%s\n    or, if nothing needs the other Ingress: "+
					"kubectl delete ingress -n %s %s", change, other.Namespace, other.Name),
			})
		}
	}
}

// checkCertificate checks that the certificate exists, or that somebody can issue it.
func (f *Findings) checkCertificate(door *frontDoor, cfg *config.Config) {
	tls := cfg.Ingress.TLS
	key := "tls.email"
	if tls.Issuer != "" {
		key = "tls.issuer"
	}
	switch {
	case tls.Secret != "":
		f.checkTLSSecret(door.secret, cfg)
	case tls.Certificate != "":
	case !door.managed:
		f.Problems = append(f.Problems, config.Problem{
			Key: key, Found: "set, but the cluster has no cert-manager, which obtains certificates",
			Want: "cert-manager", Fix: cluster.OnTheMachine("microk8s enable cert-manager"),
		})
	case tls.Issuer != "" && door.issuer == nil:
		kind, name, _ := strings.Cut(strings.ToLower(tls.Issuer), "/")
		command := fmt.Sprintf("kubectl get %ss -n %s", kind, cfg.Namespace)
		f.Problems = append(f.Problems, config.Problem{
			Key: key, Found: fmt.Sprintf("%q, but there is no %s %q", tls.Issuer, kind, name),
			Want: "an issuer of cert-manager that exists",
			Fix:  command + "     (lists them), and pulumi config set --path tls.issuer KIND/NAME",
		})
	}
}

func (f *Findings) checkTLSSecret(secret *corev1.Secret, cfg *config.Config) {
	name := cfg.Ingress.TLS.Secret
	found := fmt.Sprintf("%q, but namespace %s has no such Secret", name, cfg.Namespace)
	if secret != nil {
		data := secret.Data
		err := certificates.Check(data[corev1.TLSCertKey], data[corev1.TLSPrivateKeyKey], cfg.Hosts(), time.Now())
		if err == nil {
			return
		}
		found = fmt.Sprintf("%q, which cannot be used: %v", name, err)
	}
	f.Problems = append(f.Problems, config.Problem{
		Key: "tls.secret", Found: found,
		Want: "a Secret of type kubernetes.io/tls with a valid certificate for " + strings.Join(cfg.Hosts(), ", "),
		Fix: fmt.Sprintf("kubectl create secret tls -n %s %s --cert chain.pem --key key.pem --dry-run=client -o yaml | kubectl apply -f -",
			cfg.Namespace, name),
	})
}
