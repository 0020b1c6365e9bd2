package components

import (
	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"github.com/mediawiki-stack/mediawiki-stack/internal/parts"
)

// jobs is the part that does what readers need not wait for: mail, updates of links and of the search index, thumbnails.
// https://www.mediawiki.org/wiki/Manual:Job_queue
type jobs struct{ pulumi.ResourceState }

func newJobs(ctx *pulumi.Context, w *wiki, mw *mediawiki, migration *migration, web *web, cache *cache) (*jobs, error) {
	j := &jobs{}
	if err := w.register(ctx, parts.Jobs, j); err != nil {
		return nil, err
	}
	child := w.childOf(j, migration.first())
	if cache != nil {
		// It takes up to a second until nodes route requests to a Varnish Pod that has become ready. This part starts in that time, so that
		// `pulumi up` of a new wiki does not end before the wiki's address answers.
		child = append(child, pulumi.DependsOn([]pulumi.Resource{cache.pods}))
	}
	if err := newNetworkPolicy(ctx, w, parts.Jobs, child...); err != nil {
		return nil, err
	}
	programs, err := newPrograms(ctx, w, parts.Jobs, jobsPrograms, child...)
	if err != nil {
		return nil, err
	}
	name := parts.Jobs.Of(w.name)
	if err := w.newDeployment(ctx, name, &appsv1.DeploymentArgs{
		Metadata: w.workloadMetadata(name, w.args.Image),
		Spec: &appsv1.DeploymentSpecArgs{
			Replicas: pulumi.Int(1),
			Selector: w.selector(parts.Jobs),
			Strategy: &appsv1.DeploymentStrategyArgs{Type: pulumi.String("Recreate")},
			Template: jobsPod(mw, web, programs).template(w.podLabels(parts.Jobs, w.args.Image), nil),
		},
	}, child...); err != nil {
		return nil, err
	}
	return j, ctx.RegisterResourceOutputs(j, pulumi.Map{})
}

func jobsPod(mw *mediawiki, web *web, programs *programs) *pod {
	env := map[string]pulumi.StringInput{"MEDIAWIKI_SERVER": web.front.url}
	if mw.args.hasSitemap() {
		env["MEDIAWIKI_SITEMAP"] = pulumi.String("daily")
	}
	c := mw.container("jobs", env, "sh", programsPath+"/bin/jobs.sh")
	mw.database.tellReplica(c)
	p := mw.pod(mw.settings.secret, programs, mw.sizes.JobsDisk())
	p.gracePeriod = 40 // jobs.sh gives the running job twenty seconds
	p.initContainers = []*container{mw.waitForMigration()}
	mw.mountUploads(p, c)
	mw.mountPackages(p, c)
	p.containers = []*container{c}
	return p
}
