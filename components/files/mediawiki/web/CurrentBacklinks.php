<?php
// Until MediaWiki 1.41 the class has no namespace.
if ( !class_exists( MediaWiki\Cache\BacklinkCache::class ) ) {
	class_alias( 'BacklinkCache', 'MediaWiki\Cache\BacklinkCache' );
}

/**
 * Finds the pages that use a page, for the jobs that update them after a change.
 *
 * MediaWiki caches this list in memcached for an hour, and longer in a process that runs many jobs. The cached list lacks pages that have
 * begun to use the page in the meantime. A new template is rarely used yet, so a change within that hour would update nothing.
 */
class CurrentBacklinks extends MediaWiki\Cache\BacklinkCacheFactory {
	/** @param MediaWiki\Cache\BacklinkCacheFactory $unused MediaWiki's own, which has not been asked yet */
	public function __construct( private readonly MediaWiki\Cache\BacklinkCacheFactory $unused, $cache ) {
		( new ReflectionProperty( parent::class, 'wanCache' ) )->setValue( $unused, $cache::newEmpty() );
	}

	public function getBacklinkCache( MediaWiki\Page\PageReference $page ): MediaWiki\Cache\BacklinkCache {
		return ( clone $this->unused )->getBacklinkCache( $page );
	}
}
