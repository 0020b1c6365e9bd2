"""One wiki on microk8s."""

import pulumi
import pulumi_kubernetes as kubernetes

from mediawiki_stack_mediawiki import MediaWikiStack, WikiArgs

config = pulumi.Config()

microk8s = kubernetes.Provider("microk8s", kubeconfig="~/.kube/config", context="microk8s")

team = MediaWikiStack(
    "team",
    namespace="team-wiki",
    create_namespace=True,
    master_secret=config.require_secret("masterSecret"),
    profile="pi-4g",
    node_host="raspberrypi.local",
    wiki=WikiArgs(site_name="Team wiki"),
    opts=pulumi.ResourceOptions(providers=[microk8s]),
)

pulumi.export("url", team.url)
pulumi.export("adminPassword", team.admin_password)
