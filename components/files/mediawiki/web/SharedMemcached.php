<?php
// Until MediaWiki 1.42 the class has no namespace.
if ( !class_exists( Wikimedia\ObjectCache\MemcachedPhpBagOStuff::class ) ) {
	class_alias( 'MemcachedPhpBagOStuff', 'Wikimedia\ObjectCache\MemcachedPhpBagOStuff' );
}

/**
 * The memcached that all Pods share. If a request cannot reach it, memcached may have missed a change, and would serve stale data for up
 * to a day: see OutdatedCaches.
 */
class SharedMemcached extends Wikimedia\ObjectCache\MemcachedPhpBagOStuff {
	/** Whether this request has noted that it could not reach memcached. */
	private static bool $noted = false;

	protected function setLastError( $error ) {
		parent::setLastError( $error );
		if ( self::$noted || !in_array( $error, [ self::ERR_UNREACHABLE, self::ERR_NO_RESPONSE ], true ) ) {
			return;
		}
		self::$noted = true; // first, because the database's classes use this cache, too
		try {
			OutdatedCaches::note( $GLOBALS['wgMemCachedServers'] );
		} catch ( Wikimedia\Rdbms\DBError $e ) {
			// Without the database, or while it is read-only, nothing changes.
		}
	}
}
