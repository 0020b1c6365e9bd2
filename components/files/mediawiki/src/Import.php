<?php
declare( strict_types=1 );

/**
 * Turns a wiki that ran elsewhere into a backup of this one. It arrives as a tar on standard input with the dump, "database",
 * compressed by gzip; the uploads in the folder "uploads"; and at its end "sent.json", which says how much was sent.
 */
class Import {
	public function __construct( private readonly Wiki $wiki, private readonly BackupVolume $volume ) {
	}

	/** @param string $identity of this wiki, so that its backups from before and after the import belong to the same wiki */
	public function createBackup( string $identity ): Archive {
		$given = "{$this->volume->root}/.part-given";
		$part = "{$this->volume->root}/.part-backup";
		try {
			foreach ( [ $given, $part ] as $folder ) {
				Disk::createEmpty( $folder );
				Disk::createEmpty( "$folder/uploads" );
			}
			$sent = self::receive( $given );
			( new DumpImport( $this->wiki, new DatabaseTools() ) )->run( "$given/database", "$part/" . Archive::DUMP );
			$uploads = ( new Uploads( "$given/uploads" ) )->copyTo( $part, [] );
			if ( $uploads !== [ 'files' => $sent['files'], 'bytes' => $sent['bytes'] ] ) {
				throw new PermanentFailure( 'the upload was cut off and nothing was changed: got ' . json_encode( $uploads ) . ' of '
					. json_encode( $sent ) );
			}
			return $this->volume->seal( $part, BackupVolume::IMPORTED, [
				'wiki' => $identity, 'schema' => $this->wiki->schema(), 'mediawiki' => $this->wiki->version, 'mariadb' => '',
				'database' => [ 'bytes' => filesize( "$part/" . Archive::DUMP ) ],
				'rows' => DatabaseTools::rows( "$part/" . Archive::DUMP . '.rows' ), 'uploads' => $uploads,
			] );
		} catch ( Throwable $e ) {
			Disk::deleteTree( $part );
			throw $e;
		} finally {
			Disk::deleteTree( $given );
		}
	}

	/**
	 * Extracts standard input into a folder, and returns what sent.json says. tar itself accepts input that was cut off between two
	 * files.
	 */
	private static function receive( string $folder ): array {
		Console::say( 'receiving' );
		$tar = proc_open( [ 'tar', '-x', '--no-same-owner', '--no-same-permissions', '-C', $folder ], [ STDIN, STDOUT, STDOUT ], $pipes );
		$status = proc_close( $tar );
		$sent = json_decode( (string)@file_get_contents( "$folder/sent.json" ), true );
		if ( $status !== 0 || !$sent || @filesize( "$folder/database" ) !== $sent['database'] ) {
			throw new PermanentFailure( 'the upload was cut off and nothing was changed: the sender reports why' );
		}
		return $sent;
	}
}
