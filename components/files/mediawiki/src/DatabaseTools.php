<?php
declare( strict_types=1 );

/** MariaDB's own programs, which are in another image than PHP: sidecars/database.sh runs them. */
class DatabaseTools extends Sidecar {
	private const ROWS = '/tmp/rows';
	private const LEFT = '/tmp/left';

	public function __construct() {
		parent::__construct( 'tools' );
	}

	/**
	 * Writes the database into a file, as it is at one moment, without the table of notes.
	 *
	 * @param string[] $without tables whose rows are left out
	 */
	public function dump( string $file, array $without = [] ): void {
		$this->ask( 'dump', $file, Notes::TABLE, ...$without );
	}

	/** Fails if load() would, without touching any existing table. */
	public function rehearse( string $file ): void {
		$this->ask( 'rehearse', $file );
	}

	/** Loads a dump. Statements other than those that create and fill tables are skipped. */
	public function load( string $file ): void {
		$this->ask( 'load', $file );
	}

	/** Fails if the end of a dump is missing. */
	public function check( string $file ): void {
		$this->ask( 'check', $file );
	}

	/**
	 * Loads a dump into a temporary MariaDB.
	 *
	 * @return array<string, int> number of rows by table
	 */
	public function prove( string $file ): array {
		$this->ask( 'prove', $file, self::ROWS );
		return self::rows( self::ROWS );
	}

	/** Starts the temporary MariaDB. */
	public function open(): void {
		$this->ask( 'open' );
	}

	/** Stops the temporary MariaDB and deletes its data. */
	public function close(): void {
		$this->ask( 'close' );
	}

	/**
	 * Loads a dump from elsewhere into the temporary MariaDB.
	 *
	 * @return string[] what was left out, such as "view v"
	 */
	public function fill( string $dump ): array {
		$this->ask( 'fill', $dump, self::LEFT );
		return file( self::LEFT, FILE_IGNORE_NEW_LINES );
	}

	/**
	 * Dumps the database "wiki" of the temporary MariaDB into a file, as dump() does.
	 *
	 * @param string[] $without tables whose rows are left out
	 */
	public function keep( string $file, array $without ): void {
		$this->ask( 'keep', $file, Notes::TABLE, ...$without );
	}

	/**
	 * Reads and deletes the row counts that dump() and keep() write beside a dump.
	 *
	 * @return array<string, int> number of rows by table
	 */
	public static function rows( string $file ): array {
		$rows = [];
		foreach ( file( $file, FILE_IGNORE_NEW_LINES ) as $line ) {
			[ $table, $count ] = explode( ' ', $line );
			$rows[$table] = (int)$count;
		}
		unlink( $file );
		ksort( $rows );
		return $rows;
	}
}
