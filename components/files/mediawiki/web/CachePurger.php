<?php
// Until MediaWiki 1.41 the class has no namespace.
if ( !class_exists( Wikimedia\EventRelayer\EventRelayer::class ) ) {
	class_alias( 'EventRelayer', 'Wikimedia\EventRelayer\EventRelayer' );
}

/**
 * Tells every Varnish Pod which pages have changed, in place of MediaWiki's own purge requests, which are lost for a cache that does not
 * answer. A cache that is known not to answer gets no request, so that nothing waits for it: it will be emptied, see OutdatedCaches.
 * https://www.mediawiki.org/wiki/Manual:$wgEventRelayerConfig
 */
class CachePurger extends Wikimedia\EventRelayer\EventRelayer {
	/** @var string[] addresses of all Varnish Pods */
	private array $caches;

	public function __construct( array $params ) {
		parent::__construct( $params );
		$this->caches = $params['caches'];
	}

	/** @inheritDoc */
	protected function doNotify( $channel, array $events ) {
		try {
			$missed = OutdatedCaches::missed();
		} catch ( Wikimedia\Rdbms\DBError $e ) {
			$missed = [];
		}
		$failed = $this->purge( array_unique( array_column( $events, 'url' ) ), array_diff( $this->caches, $missed ) );
		OutdatedCaches::note( $failed );
		return !$failed;
	}

	/**
	 * Sends a request for each URL to each cache.
	 *
	 * @return string[] addresses of the caches that did not answer all requests with success
	 */
	private function purge( array $urls, array $caches ): array {
		$services = MediaWiki\MediaWikiServices::getInstance();
		$requests = [];
		foreach ( $urls as $url ) {
			// For an https URL, curl would ask Varnish for a tunnel, which Varnish refuses.
			$url = preg_replace( '#^https:#i', 'http:', $services->getUrlUtils()->expand( $url, PROTO_CANONICAL ) );
			foreach ( $caches as $cache ) {
				$requests[] = [ 'method' => 'PURGE', 'url' => $url, 'proxy' => $cache, 'headers' => [ 'Connection' => 'Keep-Alive' ] ];
			}
		}
		$client = $services->getHttpRequestFactory()->createMultiClient( [
			'maxConnsPerHost' => 8, 'connTimeout' => OutdatedCaches::CONNECT, 'reqTimeout' => OutdatedCaches::ANSWER,
		] );
		$answers = $requests ? $client->runMulti( $requests ) : [];
		$failed = array_filter( $answers, static fn ( $request ) => $request['response']['code'] !== 200 );
		return array_unique( array_column( $failed, 'proxy' ) );
	}
}
