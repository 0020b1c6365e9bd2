<?php
// MariaDB's own programs, which are in another image than PHP: tools.sh runs them in a container of the same Pod.
declare( strict_types=1 );
require_once __DIR__ . '/sidecar.php';

class Tools extends Sidecar {
	public function __construct() {
		parent::__construct( 'tools' );
	}

	/**
	 * Writes the database into a file, as it is at one moment, but for the notes: they are of the database that a dump is loaded into.
	 *
	 * @param string[] $without tables whose rows are left out
	 */
	public function dump( string $file, array $without = [] ): void {
		$this->ask( 'dump', $file, NOTES, ...$without );
	}

	/** Runs what dump() has written. */
	public function load( string $file ): void {
		$this->ask( 'load', $file );
	}

	/** Fails if a dump's end is not there. */
	public function check( string $file ): void {
		$this->ask( 'check', $file );
	}
}
