<?php

/** Counts the requests of this Pod that PHP answers. The counters are in APCu, which all workers share and which ends with the Pod. */
class RequestMetrics {
	private const KINDS = [ 'page', 'form', 'api', 'api-post', 'resources', 'rest', 'thumbnail', 'file', 'other' ];
	private const CODES = [
		'200', '301', '302', '303', '304', '400', '401', '403', '404', '405', '409', '413', '429', '500', '502', '503', '504', 'other',
	];
	/** Seconds. */
	private const BOUNDS = [ '0.05', '0.1', '0.25', '0.5', '1', '2.5', '5', '10', '30', '+Inf' ];

	private const PREFIX = 'mediawiki-stack-requests:';

	/** Counts this request when its worker has finished, so that the duration includes work after the response was sent. */
	public static function begin(): void {
		register_shutdown_function( static function () {
			$kind = self::kind( $_SERVER['SCRIPT_NAME'] ?? '', $_SERVER['REQUEST_METHOD'] ?? '' );
			self::count( $kind, (int)http_response_code(), microtime( true ) - $_SERVER['REQUEST_TIME_FLOAT'] );
		} );
	}

	/** Returns the kind of a request for one of MediaWiki's entry points. */
	public static function kind( string $script, string $method ): string {
		$post = $method === 'POST';
		return match ( basename( $script ) ) {
			'index.php' => $post ? 'form' : 'page',
			'api.php' => $post ? 'api-post' : 'api',
			'load.php' => 'resources',
			'rest.php' => 'rest',
			'thumb.php', 'thumb_handler.php' => 'thumbnail',
			'img_auth.php' => 'file',
			default => 'other',
		};
	}

	public static function count( string $kind, int $status, float $seconds ): void {
		$code = in_array( (string)$status, self::CODES, true ) ? $status : 'other';
		apcu_inc( self::PREFIX . "$kind:$code" );
		apcu_inc( self::PREFIX . "$kind:microseconds", (int)( $seconds * 1e6 ) );
		foreach ( self::BOUNDS as $bound ) {
			if ( $bound === '+Inf' || $seconds <= (float)$bound ) {
				apcu_inc( self::PREFIX . "$kind:<=$bound" ); // of the first bound that holds; series() adds them up
				return;
			}
		}
	}

	/** @return array<array{array<string, string>, int}> number of requests with their labels */
	public static function counts(): array {
		$samples = [];
		foreach ( self::KINDS as $kind ) {
			foreach ( self::fetch( $kind, self::CODES ) as $code => $count ) {
				$samples[] = [ [ 'kind' => $kind, 'code' => (string)$code ], $count ];
			}
		}
		return $samples;
	}

	/** @return array<array{array<string, string>, array<string, int>, float}> durations as Exposition::histogram() takes them */
	public static function series(): array {
		$series = [];
		foreach ( self::KINDS as $kind ) {
			$found = self::fetch( $kind, array_map( static fn ( $bound ) => "<=$bound", self::BOUNDS ) );
			if ( $found ) {
				$counts = [];
				$sum = 0;
				foreach ( self::BOUNDS as $bound ) {
					$counts[$bound] = $sum += $found["<=$bound"] ?? 0;
				}
				$series[] = [ [ 'kind' => $kind ], $counts, ( self::fetch( $kind, [ 'microseconds' ] )['microseconds'] ?? 0 ) / 1e6 ];
			}
		}
		return $series;
	}

	/** @return array<string, int> counters of a kind of request, without those that are zero */
	private static function fetch( string $kind, array $names ): array {
		$counters = [];
		foreach ( apcu_fetch( array_map( static fn ( $name ) => self::PREFIX . "$kind:$name", $names ) ) ?: [] as $key => $value ) {
			$counters[substr( $key, strlen( self::PREFIX . "$kind:" ) )] = $value;
		}
		return $counters;
	}
}
