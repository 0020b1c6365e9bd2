<?php
// What the migration notes in the database.
declare( strict_types=1 );

/** What the migration remembers, in a table of its own in the wiki's database: a restored dump brings it along. */
class Notes {
	public function __construct( private readonly mysqli $database ) {
	}

	public function make(): void {
		$this->database->query( 'CREATE TABLE IF NOT EXISTS ' . NOTES
			. ' (name VARBINARY(255) PRIMARY KEY, value BLOB NOT NULL, at TIMESTAMP NOT NULL) ENGINE=InnoDB' );
	}

	public function get( string $name ): ?string {
		$found = $this->database->execute_query( 'SELECT value FROM ' . NOTES . ' WHERE name = ?', [ $name ] );
		return $found->fetch_column() ?: null;
	}

	public function set( string $name, string $value ): void {
		$this->database->execute_query( 'REPLACE INTO ' . NOTES . ' (name, value, at) VALUES (?, ?, NOW())', [ $name, $value ] );
	}
}

/** Lets Pods of these settings and this image come, and tells them what to preload. */
function openGate( Notes $notes, Wiki $wiki ): void {
	$notes->set( "preload:{$wiki->gate}", Preloading::note() );
	$notes->set( "gate:{$wiki->gate}", $wiki->version );
}
