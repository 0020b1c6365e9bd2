<?php
// Until MediaWiki 1.41 the class has no namespace.
if ( !class_exists( MediaWiki\PoolCounter\PoolCounter::class ) ) {
	class_alias( 'PoolCounter', 'MediaWiki\PoolCounter\PoolCounter' );
}

/**
 * Makes sure that a page which many readers request at once is rendered once: https://www.mediawiki.org/wiki/PoolCounter
 *
 * The request that renders a page holds one of MariaDB's named locks. All Pods see these, and MariaDB releases them if the Pod
 * dies. The other requests wait for the lock and find the page in the parser cache; after a timeout they render the page
 * themselves.
 */
class DatabasePoolCounter extends MediaWiki\PoolCounter\PoolCounter {
	private bool $held = false;

	/** Public, because MediaWiki 1.39 calls it from outside, where the parent's is protected. */
	public function __construct( array $conf, string $type, string $key ) {
		parent::__construct( $conf, $type, $key );
	}

	public function acquireForMe( $timeout = null ) {
		return $this->acquire( $timeout, self::LOCKED );
	}

	public function acquireForAnyone( $timeout = null ) {
		return $this->acquire( $timeout, self::DONE );
	}

	/** @param int $waited status after another request has released the lock */
	private function acquire( ?int $timeout, int $waited ): StatusValue {
		$allowed = $this->precheckAcquire();
		if ( !$allowed->isOK() ) {
			return $allowed;
		}
		if ( $this->lock( 0 ) ) {
			return StatusValue::newGood( self::LOCKED );
		}
		if ( !$this->lock( $timeout ?? $this->timeout ) ) {
			return StatusValue::newGood( self::LOCK_HELD ); // MediaWiki then renders the page without the lock
		}
		if ( $waited === self::DONE ) {
			$this->release();
		}
		return StatusValue::newGood( $waited );
	}

	/** @param int $seconds how long to wait */
	private function lock( int $seconds ): bool {
		$this->held = $this->database()->lock( $this->key, __METHOD__, $seconds );
		if ( $this->held ) {
			$this->onAcquire();
		}
		return $this->held;
	}

	public function release() {
		if ( !$this->held ) {
			return StatusValue::newGood( self::NOT_LOCKED );
		}
		$this->held = false;
		$this->onRelease();
		$this->database()->unlock( $this->key, __METHOD__ );
		return StatusValue::newGood( self::RELEASED );
	}

	private function database() {
		return MediaWiki\MediaWikiServices::getInstance()->getDBLoadBalancer()->getConnection( DB_PRIMARY );
	}
}
