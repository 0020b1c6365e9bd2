<?php
declare( strict_types=1 );

/**
 * The extensions and skins that are not in the image. In the container that runs this, they are not mounted where MediaWiki finds them, so
 * that the folders of MediaWiki show what the image bundles. No code of a package runs here.
 */
class Packages {
	/** Where OCI images are mounted, by the names of the packages. */
	private const IMAGES = '/package-images';

	private readonly array $settings;
	private readonly array $packages;

	public function __construct( private readonly PackageStore $store ) {
		$this->settings = Settings::read();
		$this->packages = self::listed();
	}

	/** @return array[] the packages with the keys of the setting */
	public static function listed(): array {
		return json_decode( (string)getenv( 'MEDIAWIKI_PACKAGES' ) ?: '[]', true, 8, JSON_THROW_ON_ERROR );
	}

	/** Stores all archives that are not stored yet, and checks all packages. The failure that it notes names every mistake. */
	public function run(): void {
		$hashes = array_column( $this->packages, 'sha256' );
		try {
			$lock = $hashes ? $this->store->lock() : null;
			if ( $hashes ) {
				$this->prune( $hashes ); // first, because new archives may need the space
			}
			$reasons = array_filter( array_map( $this->reason( ... ), $this->packages ) );
		} catch ( PermanentFailure $e ) {
			$reasons = [ $e->getMessage() ];
		}
		foreach ( $hashes as $hash ) {
			$this->store->createFolder( $hash );
		}
		if ( $reasons ) {
			PackageFailure::note( implode( "\n", $reasons ) );
			$this->failWithoutFolders( $reasons );
		}
	}

	/**
	 * Fails with the reasons if an image lacks the package's folder: the main container, which usually reports them, cannot start then.
	 *
	 * @param string[] $reasons
	 */
	private function failWithoutFolders( array $reasons ): void {
		foreach ( $this->packages as $package ) {
			if ( isset( $package['image'] ) && !is_dir( self::folder( $package ) ) ) {
				throw new PermanentFailure( implode( "\n", $reasons ) );
			}
		}
	}

	/** Returns the folder of a package in its image. */
	private static function folder( array $package ): string {
		return rtrim( self::IMAGES . "/{$package['name']}/" . ( $package['path'] ?? '' ), '/' );
	}

	/** Returns why a package cannot be used; "" if it can. */
	private function reason( array $package ): string {
		try {
			$this->check( $package );
			return '';
		} catch ( Throwable $e ) {
			$reason = "package {$package['name']}: " . Console::reason( $e );
			Console::say( $reason );
			return $reason;
		}
	}

	private function check( array $package ): void {
		[ 'name' => $name ] = $package;
		$check = new PackageCheck( Wiki::ROOT, $name, $this->kind( $name ) );
		$check->checkName();
		if ( !isset( $package['url'] ) ) {
			if ( !is_dir( self::folder( $package ) ) ) {
				throw new PermanentFailure( "image {$package['image']} has no folder {$package['path']}" );
			}
			$check->checkFiles( self::folder( $package ) );
			Console::say( "$name: from image {$package['image']}" );
			return;
		}
		[ 'url' => $url, 'sha256' => $hash ] = $package;
		if ( $this->store->has( $hash ) ) {
			$check->checkFiles( $this->store->files( $hash ) );
			Console::say( "$name: stored already" );
			return;
		}
		$fetch = fn ( $file ) => ( new PackageBackup( $this->store ) )->fetch( $hash, $file, static function () use ( $name, $url, $file ) {
			Console::say( "$name: downloading $url" );
			PackageDownload::fetch( $url, $file );
		} );
		$this->store->add( $hash, $fetch, $check->checkFiles( ... ) );
	}

	/** Returns the folder that a package belongs to: the settings say whether it is an extension or a skin. */
	private function kind( string $name ): string {
		$kinds = array_filter( [ 'extensions', 'skins' ], fn ( $kind ) => in_array( $name, $this->settings[$kind], true ) );
		if ( count( $kinds ) !== 1 ) {
			throw new PermanentFailure( $kinds ? 'both extensions and skins name it' : 'neither extensions nor skins names it' );
		}
		return reset( $kinds );
	}

	/**
	 * Deletes the archives that neither these settings nor the newest revisions use. As many revisions count as backups are kept. If the
	 * database does not answer or has no wiki yet, it deletes nothing.
	 */
	private function prune( array $hashes ): void {
		try {
			$used = Revision::packages( new Notes( Database::connect() ), max( 1, (int)getenv( 'BACKUPS_KEPT' ) ) );
		} catch ( mysqli_sql_exception $e ) {
			return;
		}
		$this->store->prune( [ ...$hashes, ...$used ] );
	}
}
