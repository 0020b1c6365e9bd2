<?php
declare( strict_types=1 );

/** Metrics of this web Pod: its requests, workers and caches in memory. */
class PodMetrics {
	/** The port for readers, as /proc/net/tcp writes it. */
	private const PORT = '1F90';

	public static function add( Exposition $out, string $version, string $revision ): void {
		$out->gauge( 'mediawiki_info', 'Version of MediaWiki and revision of this Pod.',
			[ [ [ 'version' => $version, 'revision' => $revision ], 1 ] ] );
		$out->counter( 'mediawiki_http_requests_total', 'Requests that PHP answered.', RequestMetrics::counts() );
		$out->histogram( 'mediawiki_http_request_duration_seconds', 'Time until the worker of a request was free again.',
			RequestMetrics::series() );
		self::workers( $out, self::sockets() );
		self::opcache( $out, opcache_get_status( false ) ?: [] );
		self::apcu( $out );
	}

	/**
	 * Returns the list of Apache's connections from /proc/net: tcp6, which contains those of IPv4, too, unless the kernel has no IPv6. It
	 * avoids reading both files: for each, the kernel walks the connections of the whole machine, which takes milliseconds.
	 */
	private static function sockets(): string {
		$sockets = (string)@file_get_contents( '/proc/net/tcp6' );
		$listens = preg_match( '/^\s*\d+: \w+:' . self::PORT . ' \S+ 0A /m', $sockets );
		return $listens ? $sockets : (string)@file_get_contents( '/proc/net/tcp' );
	}

	/**
	 * Adds the number of workers that have a connection, from the kernel's list of connections, so that no worker has to be asked. A
	 * connection without an inode waits until Apache accepts it.
	 *
	 * @param string $sockets as in /proc/net/tcp: https://docs.kernel.org/networking/proc_net_tcp.html
	 */
	public static function workers( Exposition $out, string $sockets ): void {
		$busy = $waiting = 0;
		preg_match_all( '/^\s*\d+: \w+:' . self::PORT . ' \S+ (\w\w) \S+ \S+ \S+ +\d+ +\d+ (\d+)/m', $sockets, $found, PREG_SET_ORDER );
		foreach ( $found as [ , $state, $inode ] ) {
			if ( $state === '01' ) {
				$inode === '0' ? $waiting++ : $busy++;
			}
		}
		$limit = (int)getenv( 'MEDIAWIKI_WORKERS' );
		$out->gauge( 'mediawiki_workers', 'Workers with a connection of a reader, and without.',
			[ [ [ 'state' => 'busy' ], min( $busy, $limit ) ], [ [ 'state' => 'idle' ], max( 0, $limit - $busy ) ] ] );
		$out->gauge( 'mediawiki_workers_queue', 'Connections of readers that wait for a worker.', $waiting );
	}

	public static function opcache( Exposition $out, array $status ): void {
		$memory = $status['memory_usage'] ?? null;
		$statistics = $status['opcache_statistics'] ?? null;
		if ( $memory === null || $statistics === null ) {
			return;
		}
		$out->gauge( 'mediawiki_opcache_memory_bytes', 'Memory for compiled PHP.', [
			[ [ 'state' => 'used' ], $memory['used_memory'] ], [ [ 'state' => 'free' ], $memory['free_memory'] ],
			[ [ 'state' => 'wasted' ], $memory['wasted_memory'] ],
		] );
		$out->gauge( 'mediawiki_opcache_scripts', 'Compiled files of PHP.', $statistics['num_cached_scripts'] );
		$out->counter( 'mediawiki_opcache_hits_total', 'Files of PHP that were compiled already.', $statistics['hits'] );
		$out->counter( 'mediawiki_opcache_misses_total', 'Files of PHP that were compiled.', $statistics['misses'] );
		$out->counter( 'mediawiki_opcache_full_total', 'Times that all compiled files were dropped because the memory was full.',
			$statistics['oom_restarts'] );
	}

	private static function apcu( Exposition $out ): void {
		$memory = apcu_sma_info( true );
		$cache = apcu_cache_info( true );
		if ( $memory === false || $cache === false ) {
			return;
		}
		$size = (int)( $memory['num_seg'] * $memory['seg_size'] );
		$out->gauge( 'mediawiki_apcu_memory_bytes', "Memory of the Pod's local cache.", [
			[ [ 'state' => 'used' ], $size - (int)$memory['avail_mem'] ], [ [ 'state' => 'free' ], (int)$memory['avail_mem'] ],
		] );
		$out->counter( 'mediawiki_apcu_hits_total', 'Values that were found in the local cache.', (int)$cache['num_hits'] );
		$out->counter( 'mediawiki_apcu_misses_total', 'Values that were not found in the local cache.', (int)$cache['num_misses'] );
		$out->counter( 'mediawiki_apcu_full_total', 'Times that the local cache was full and was emptied.', (int)$cache['expunges'] );
	}
}
