package components

import (
	"errors"
	"fmt"
)

// AutoscalingArgs describes how many web Pods a HorizontalPodAutoscaler runs. It needs metrics-server.
// https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/
type AutoscalingArgs struct {
	// Max is the largest number of web Pods. Sizes are checked for this number. Defaults to 0: the number is always Replicas.
	Max int `pulumi:"max,optional"`
	// Min is the smallest number of web Pods. Defaults to Replicas.
	Min int `pulumi:"min,optional"`
	// CPU is the average usage per web Pod that the autoscaler aims for, in thousandths of a processor. Defaults to 500.
	CPU int `pulumi:"cpu,optional"`
}

// setDefaults sets Min to replicas.
func (a *AutoscalingArgs) setDefaults(replicas int) {
	if a.Max > 0 {
		setDefault(&a.Min, replicas)
	}
	setDefault(&a.CPU, 500)
}

// check reports numbers of Pods that contradict each other, and an impossible CPU usage.
func (a AutoscalingArgs) check() error {
	var errs []error
	switch {
	case a.Max < 0:
		errs = append(errs, fmt.Errorf("the value of Autoscaling.Max is %d; set it to 0 or more", a.Max))
	case a.Max == 0 && a.Min != 0:
		errs = append(errs, fmt.Errorf("the value of Autoscaling.Min is %d, but that of Autoscaling.Max is 0; set both", a.Min))
	case a.Max > 0 && (a.Min < 1 || a.Min > a.Max):
		errs = append(errs, fmt.Errorf("the value of Autoscaling.Min is %d; set it to 1 to %d, which is Autoscaling.Max", a.Min, a.Max))
	}
	if a.CPU < 1 {
		errs = append(errs, fmt.Errorf("the value of Autoscaling.CPU is %d; set it to 1 or more", a.CPU))
	}
	return errors.Join(errs...)
}
