<?php
/**
 * Knows which caches missed a change because they did not answer: Varnish Pods, and memcached. A cache whose node is back may have
 * stale data, so the job runner empties it as soon as it answers.
 *
 * They are noted in the table mediawiki_stack, under "cache:" and their address. The class Caches writes such notes, too.
 */
class OutdatedCaches {
	private const TABLE = 'mediawiki_stack';
	private const PREFIX = 'cache:';
	/** The cache missed a change, and need not be told of others. */
	private const MISSED = 'missed';
	/** The cache is being emptied, and has to be told of every change again. */
	private const EMPTYING = 'emptying';
	/** Seconds. A cache in the same cluster accepts connections within milliseconds. */
	public const CONNECT = 0.5;
	/** Seconds in which a cache answers even if its node is busy. */
	public const ANSWER = 5;

	/** @return string[] addresses of the caches that missed a change */
	public static function missed(): array {
		return self::noted( [ self::MISSED ] );
	}

	public static function note( array $addresses ): void {
		foreach ( array_diff( $addresses, $addresses ? self::missed() : [] ) as $address ) {
			self::set( $address, self::MISSED );
		}
	}

	/**
	 * Empties the noted caches that answer. The job runner calls it once a second.
	 *
	 * @param string[] $caches addresses of all Varnish Pods
	 * @param string $objectCache memcached's address
	 */
	public static function emptyAnswering( array $caches, string $objectCache ): void {
		$empty = static fn ( $address ) => $address === $objectCache ? self::flush( $address ) : self::ban( $address );
		foreach ( self::noted( [ self::MISSED, self::EMPTYING ] ) as $address ) {
			if ( $address !== $objectCache && !in_array( $address, $caches, true ) ) {
				self::forget( $address, [ self::MISSED, self::EMPTYING ] ); // the wiki has fewer caches now
			} elseif ( $empty( $address ) ) {
				// From here on, the cache is told of changes. Empty it again: it may have stored stale data before that.
				self::set( $address, self::EMPTYING );
				if ( $empty( $address ) ) {
					self::forget( $address, [ self::EMPTYING ] ); // not if it missed another change
				} else {
					self::set( $address, self::MISSED );
				}
			}
		}
	}

	/** Empties a Varnish Pod. */
	private static function ban( string $address ): bool {
		return str_starts_with( (string)self::ask( $address, "BAN / HTTP/1.0\r\n\r\n" ), 'HTTP/1.1 200 ' );
	}

	/** Empties memcached. */
	private static function flush( string $address ): bool {
		return self::ask( $address, "flush_all\r\n" ) === "OK\r\n";
	}

	/** Returns the first line of the answer, or false. */
	private static function ask( string $address, string $request ): string|false {
		$stream = @stream_socket_client( "tcp://$address", $code, $error, self::CONNECT );
		if ( $stream === false ) {
			return false;
		}
		stream_set_timeout( $stream, self::ANSWER );
		@fwrite( $stream, $request );
		$answer = fgets( $stream );
		fclose( $stream );
		return $answer;
	}

	/** @return string[] addresses of caches with a note of one of these values */
	private static function noted( array $values ): array {
		$database = self::database();
		$names = $database->selectFieldValues( self::TABLE, 'name',
			[ 'name ' . $database->buildLike( self::PREFIX, $database->anyString() ), 'value' => $values ], __METHOD__ );
		return array_map( static fn ( $name ) => substr( $name, strlen( self::PREFIX ) ), $names );
	}

	private static function set( string $address, string $value ): void {
		self::database()->replace( self::TABLE, 'name', [ 'name' => self::PREFIX . $address, 'value' => $value ], __METHOD__ );
	}

	private static function forget( string $address, array $values ): void {
		self::database()->delete( self::TABLE, [ 'name' => self::PREFIX . $address, 'value' => $values ], __METHOD__ );
	}

	/** Returns a connection whose statements take effect at once, whatever becomes of the request. */
	private static function database() {
		return MediaWiki\MediaWikiServices::getInstance()->getDBLoadBalancer()
			->getConnection( DB_PRIMARY, [], false, Wikimedia\Rdbms\ILoadBalancer::CONN_TRX_AUTOCOMMIT );
	}
}
