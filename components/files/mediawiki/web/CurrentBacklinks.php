<?php
// Until MediaWiki 1.41 the class has no namespace.
if ( !class_exists( MediaWiki\Cache\BacklinkCache::class ) ) {
	class_alias( 'BacklinkCache', 'MediaWiki\Cache\BacklinkCache' );
}

/**
 * Finds the pages that use a page, for the jobs that update them after a change.
 *
 * MediaWiki keeps what it has found in memcached for an hour, and longer in a process that runs many jobs, and does not learn of pages
 * that use it since then. A template is rarely used when it is created, so nothing would be updated when it changes within that hour.
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
