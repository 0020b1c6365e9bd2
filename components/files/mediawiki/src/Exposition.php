<?php
declare( strict_types=1 );

/**
 * Metrics in Prometheus' text format: https://prometheus.io/docs/instrumenting/exposition_formats/
 *
 * Samples are a number, or a list of pairs of labels and a number. A metric without samples is left out.
 */
class Exposition {
	public const TYPE = 'text/plain; version=0.0.4; charset=utf-8';

	private string $text = '';

	/** Adds a value that can go up and down. */
	public function gauge( string $name, string $help, int|float|array $samples ): void {
		$this->family( $name, 'gauge', $help, $samples );
	}

	/** Adds a value that only grows until a program restarts. Its name ends with "_total". */
	public function counter( string $name, string $help, int|float|array $samples ): void {
		$this->family( $name, 'counter', $help, $samples );
	}

	/**
	 * Adds durations.
	 *
	 * @param array<array{array<string, string>, array<string, int>, float}> $series labels; number of durations up to each bound in
	 *   seconds, the last of which is "+Inf"; sum in seconds
	 */
	public function histogram( string $name, string $help, array $series ): void {
		if ( !$series ) {
			return;
		}
		$this->head( $name, 'histogram', $help );
		foreach ( $series as [ $labels, $counts, $sum ] ) {
			foreach ( $counts as $bound => $count ) {
				$this->sample( "{$name}_bucket", $labels + [ 'le' => (string)$bound ], $count );
			}
			$this->sample( "{$name}_sum", $labels, $sum );
			$this->sample( "{$name}_count", $labels, $counts['+Inf'] );
		}
	}

	public function text(): string {
		return $this->text;
	}

	private function family( string $name, string $type, string $help, int|float|array $samples ): void {
		$samples = is_array( $samples ) ? $samples : [ [ [], $samples ] ];
		if ( !$samples ) {
			return;
		}
		$this->head( $name, $type, $help );
		foreach ( $samples as [ $labels, $value ] ) {
			$this->sample( $name, $labels, $value );
		}
	}

	private function head( string $name, string $type, string $help ): void {
		$this->text .= "# HELP $name $help\n# TYPE $name $type\n";
	}

	private function sample( string $name, array $labels, int|float $value ): void {
		$pairs = [];
		foreach ( $labels as $label => $text ) {
			$pairs[] = $label . '="' . strtr( (string)$text, [ '\\' => '\\\\', '"' => '\\"', "\n" => '\\n' ] ) . '"';
		}
		$this->text .= $name . ( $pairs ? '{' . implode( ',', $pairs ) . '}' : '' ) . ' ' . json_encode( $value ) . "\n";
	}
}
