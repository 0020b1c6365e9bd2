<?php
declare( strict_types=1 );

/** Metrics of memcached, from its statistics: https://github.com/memcached/memcached/blob/master/doc/protocol.txt */
class ObjectCacheMetrics {
	/** Seconds. */
	private const TIMEOUT = 1.0;

	/** @param string $address as HOST:PORT */
	public static function add( Exposition $out, string $address ): void {
		$stats = self::ask( $address );
		$out->gauge( 'mediawiki_objectcache_up', 'Whether memcached answers.', $stats ? 1 : 0 );
		if ( !$stats ) {
			return;
		}
		$out->gauge( 'mediawiki_objectcache_memory_bytes', 'Memory that items take.', (int)$stats['bytes'] );
		$out->gauge( 'mediawiki_objectcache_memory_limit_bytes', 'Memory that items may take.', (int)$stats['limit_maxbytes'] );
		$out->gauge( 'mediawiki_objectcache_items', 'Items in memcached.', (int)$stats['curr_items'] );
		$out->gauge( 'mediawiki_objectcache_connections', 'Open connections.', (int)$stats['curr_connections'] );
		$out->counter( 'mediawiki_objectcache_hits_total', 'Items that were requested and found.', (int)$stats['get_hits'] );
		$out->counter( 'mediawiki_objectcache_misses_total', 'Items that were requested and not found.', (int)$stats['get_misses'] );
		$out->counter( 'mediawiki_objectcache_evictions_total', 'Items that made room for others.', (int)$stats['evictions'] );
	}

	/** @return array<string, string> */
	private static function ask( string $address ): array {
		$socket = @stream_socket_client( "tcp://$address", $code, $message, self::TIMEOUT );
		if ( $socket === false ) {
			return [];
		}
		stream_set_timeout( $socket, (int)self::TIMEOUT );
		fwrite( $socket, "stats\r\nquit\r\n" );
		$stats = self::parse( (string)stream_get_contents( $socket ) );
		fclose( $socket );
		return $stats;
	}

	/** @return array<string, string> the values in memcached's answer; none if it is incomplete */
	public static function parse( string $answer ): array {
		if ( !str_ends_with( $answer, "END\r\n" ) ) {
			return [];
		}
		preg_match_all( '/^STAT (\w+) (.*)\r$/m', $answer, $found );
		return array_combine( $found[1], $found[2] );
	}
}
