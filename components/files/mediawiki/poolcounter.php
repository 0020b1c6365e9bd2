<?php
// Whose turn it is to have a page rendered that many ask for at once: https://www.mediawiki.org/wiki/PoolCounter

// Its name until MediaWiki 1.41.
if ( !class_exists( MediaWiki\PoolCounter\PoolCounter::class ) ) {
	class_alias( 'PoolCounter', 'MediaWiki\PoolCounter\PoolCounter' );
}

/**
 * A PoolCounter without a server of its own: who renders a page holds one of MariaDB's named locks, which all Pods see, and which ends
 * with the connection of a Pod that dies. The others wait for it, and find the page in the parser cache; if it takes too long, they no
 * longer wait.
 */
class DatabasePoolCounter extends MediaWiki\PoolCounter\PoolCounter {
	private bool $held = false;

	/** MediaWiki 1.39 calls it from elsewhere, and has it protected. */
	public function __construct( array $conf, string $type, string $key ) {
		parent::__construct( $conf, $type, $key );
	}

	public function acquireForMe( $timeout = null ) {
		return $this->acquire( $timeout, self::LOCKED );
	}

	public function acquireForAnyone( $timeout = null ) {
		return $this->acquire( $timeout, self::DONE );
	}

	/** @param int $waited what it means to have waited for the lock */
	private function acquire( ?int $timeout, int $waited ): StatusValue {
		$allowed = $this->precheckAcquire();
		if ( !$allowed->isOK() ) {
			return $allowed;
		}
		if ( $this->lock( 0 ) ) {
			return StatusValue::newGood( self::LOCKED );
		}
		if ( !$this->lock( $timeout ?? $this->timeout ) ) {
			return StatusValue::newGood( self::LOCK_HELD ); // as if there were no lock
		}
		if ( $waited === self::DONE ) {
			$this->release();
		}
		return StatusValue::newGood( $waited );
	}

	/** @param int $seconds to wait for it */
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
